import { pushShare } from "../domain/push-budget.ts";
import type { Tip } from "../ledger/tip.ts";
import type { Coordination } from "./coordination.ts";

/**
 * Whether a renewal that nobody waits for may make a push of its own now: not while this clone has used up its share of
 * the board's push budget, nor while the remote rests. Until then it may travel with the pushes of others.
 */
export async function mayPush({ ledger, pushLog }: Coordination, { board }: Pick<Tip, "board">): Promise<boolean> {
  if ((await ledger.remote.restsUntil()) !== null) return false;
  const now = ledger.clock.wall();
  const share = pushShare(board, now);
  return share === null || (await pushLog.since(now - share.within)) < share.pushes;
}
