import { cp } from "node:fs/promises";
import { init, lock, type OpenOptions, openCoordination } from "../../../src/index.ts";
import { propose } from "../../../src/ledger/proposal.ts";
import { transact } from "../../../src/ledger/transact.ts";
import { makeClone } from "../../support/clone.ts";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";
import type { Window } from "./command.ts";

type Clock = NonNullable<OpenOptions["clock"]>;

export interface FleetPlan {
  readonly windows: number;
  /** All windows on one clone, or each on its own. */
  readonly oneClone?: boolean;
  readonly tasks: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Named locks that the first window holds. */
  readonly held?: readonly string[];
  readonly clock?: Clock;
}

/**
 * Orchestrators that have joined one board, each knowing its tip, and tasks `T001`… that nobody has claimed.
 * What leads up to a test is done in this process and in one push, over the server's path however clients reach it
 * later; the clones are copies of the first one.
 */
export async function assemble(sandbox: Sandbox, server: RemoteServer, plan: FleetPlan): Promise<Window[]> {
  const { windows: count, oneClone = false, tasks, settings = {}, held = [], clock } = plan;
  const clone = await makeClone(sandbox, { ...server, url: server.path });
  const ids = Array.from({ length: count }, (_, each) => `window-${String(each + 1).padStart(2, "0")}`);
  const options = { cwd: clone.path, env: clone.env, ...(clock && { clock }) };
  const coordination = await openCoordination(options);
  const { ledger, sessions, host } = coordination;
  const founding = await init(coordination);
  if (!founding.ok) throw new Error(JSON.stringify(founding));
  const actors = await Promise.all(ids.map(async (id) => ({ id, session: await sessions.obtain(id), host })));
  const request = (actor: (typeof actors)[0] | undefined, operation: Parameters<typeof propose>[0]["operation"]) => {
    if (!actor) throw new Error("a fleet has at least one window");
    return propose({ opId: ledger.random.opId(), actor, operation });
  };
  const joins = actors.map((actor) => request(actor, { op: "join" }));
  const adds = Array.from({ length: tasks }, (_, each) => {
    const task = { title: `task ${each + 1}`, priority: 3, area: null, after: [], id: taskId(each + 1) };
    return request(actors[0], { op: "add", ...task });
  });
  const sets = Object.entries(settings).map(([name, value]) => request(actors[0], { op: "set", name, value }));
  const { answers } = await transact(ledger, [...joins, ...adds, ...sets]);
  for (const { answer } of answers) if (answer.kind === "refused") throw new Error(JSON.stringify(answer.refusal));
  if (held.length > 0) {
    const outcome = await lock(await openCoordination({ ...options, as: ids[0] ?? null }), { locks: held });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  }
  await clone.git("remote", "set-url", "origin", server.url);
  return Promise.all(
    ids.map(async (id, each): Promise<Window> => {
      if (oneClone || each === 0) return { id, clone };
      const path = `${clone.path}-${id}`;
      await cp(clone.path, path, { recursive: true });
      return { id, clone: { path, env: clone.env } };
    }),
  );
}

export const taskId = (number: number): string => `T${String(number).padStart(3, "0")}`;
