import type { Orchestrator } from "../../domain/board.ts";
import { formatResource } from "../../domain/resource.ts";
import type { LeaseView, TaskView } from "../../domain/verdict.ts";
import { isoTime } from "./time.ts";

/** The JSON shapes of CLI.md. Absent values are null, times ISO 8601 in UTC. */
export function taskJson(task: TaskView) {
  const { id, title, priority, area, after, state, claimedBy, since, fence } = task;
  const note = task.note === null ? {} : { note: task.note };
  const done =
    state === "done"
      ? { completedBy: task.completedBy, completedAt: isoTime(task.completedAt), note: task.note }
      : note;
  return { id, title, priority, area, after, state, claimedBy, since: isoTime(since), fence, ...done };
}

export function leaseJson({ resource, holder, fence, since, expires, reason }: LeaseView) {
  return {
    resource: formatResource(resource),
    holder,
    fence,
    since: isoTime(since),
    expires: isoTime(expires),
    reason,
  };
}

export function orchestratorJson(row: Orchestrator) {
  return { ...row, lastSeen: isoTime(row.lastSeen), expires: isoTime(row.expires) };
}
