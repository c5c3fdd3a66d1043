/** An orchestrator's id: `orch-1430-7842`, or a name of its own. */
export type OrchestratorId = string;
/** A task's id: `T003`. */
export type TaskId = string;

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What orchestrators, tasks and locks may be called (CLI.md, "Identifiers"). `none` is the board's word for nobody. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text) && text.toLowerCase() !== "none";
}

/** Two identifiers are the same when their keys are: case does not matter. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

const NUMBERED = /^([a-z]+)0*(\d+)$/;

/**
 * Two task ids are the same when their keys are. For letters followed by a number, leading zeros do not
 * matter either: `T1`, `t1` and `T01` are one task (FAILURES 14).
 */
export function taskKey(id: TaskId): string {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const folded = idKey(id);
  const match = NUMBERED.exec(folded);
  const key = match ? `${match[1]}${match[2]}` : folded;
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(id, key);
  return key;
}

/** Keys by id: every decision compares the ids of all tasks. */
const keys = new Map<TaskId, string>();
const MOST_KEYS = 100_000;
