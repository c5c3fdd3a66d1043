import type { Board } from "./board.ts";
import { idKey, taskKey } from "./identifier.ts";
import { formatResource, resourceKey } from "./resource.ts";

/** One difference between two boards, in the words of the board. */
export interface BoardChange {
  readonly change: "added" | "removed" | "changed";
  readonly what: "orchestrator" | "task" | "lease" | "lock" | "waiter" | "setting" | "text";
  /** The row's id: `T003`, `lock:build orch-1430-7842`, a setting's name. */
  readonly name: string;
}

type Rows = readonly { readonly key: string; readonly name: string; readonly row: unknown }[];

/**
 * What a hand edit did: row by row, by meaning and not by text. An edit of prose only is one change of
 * `text`, when the texts are given.
 */
export function boardChanges(before: Board, after: Board): readonly BoardChange[] {
  const next = rowsOf(after);
  return [...rowsOf(before)].flatMap(([what, rows]) => compare(what, rows, next.get(what) ?? []));
}

function rowsOf(board: Board): ReadonlyMap<BoardChange["what"], Rows> {
  return new Map<BoardChange["what"], Rows>(
    Object.entries({
      orchestrator: board.orchestrators.map((row) => ({ key: idKey(row.id), name: row.id, row })),
      task: board.tasks.map((row) => ({ key: taskKey(row.id), name: row.id, row })),
      lease: board.leases.map((row) => ({
        key: `${resourceKey(row.resource)} ${idKey(row.holder)}`,
        name: `${formatResource(row.resource)} ${row.holder}`,
        row,
      })),
      lock: board.locks.map((row) => ({ key: idKey(row.name), name: row.name, row })),
      waiter: board.waiters.map((row) => ({
        key: `${resourceKey(row.resource)} ${idKey(row.orchestrator)}`,
        name: `${formatResource(row.resource)} ${row.orchestrator}`,
        row,
      })),
      setting: board.settings.map((row) => ({ key: idKey(row.name), name: row.name, row })),
    } satisfies Partial<Record<BoardChange["what"], Rows>>) as [BoardChange["what"], Rows][],
  );
}

function compare(what: BoardChange["what"], before: Rows, after: Rows): BoardChange[] {
  const old = new Map(before.map((each) => [each.key, each]));
  const now = new Map(after.map((each) => [each.key, each]));
  const gone = before
    .filter(({ key }) => !now.has(key))
    .map(({ name }) => ({ change: "removed", what, name }) as const);
  const other = after.flatMap(({ key, name, row }): BoardChange[] => {
    const was = old.get(key);
    if (!was) return [{ change: "added", what, name }];
    return JSON.stringify(was.row) === JSON.stringify(row) ? [] : [{ change: "changed", what, name }];
  });
  return [...gone, ...other];
}
