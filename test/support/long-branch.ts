import { LongHistory } from "../history/support/long-history.ts";
import type { RemoteServer } from "./remote-server.ts";

/** Gives a server a coordination branch that is older than any clone, made by real operations up to a minute ago. */
export async function longBranch(server: Pick<RemoteServer, "path">, commits: number): Promise<LongHistory> {
  const history = await LongHistory.begin(3, Date.now() - commits * 5 * 60_000);
  await history.grow(commits);
  await history.objects.moveTo(server.path, { "refs/heads/coordination": history.tip.commit });
  return history;
}
