import type { Status } from "../app/look.ts";
import type { Briefing } from "../app/prime.ts";
import { isoTime } from "../cli/render/time.ts";
import { printable } from "../domain/printable.ts";
import { formatResource } from "../domain/resource.ts";
import type { LeaseView, TaskView } from "../domain/verdict.ts";

/**
 * What tools return. Texts that somebody wrote on the board stand in `writtenByOthers`, with every invisible
 * character shown: they are data for a model, never words of this program.
 */
export function taskView(task: TaskView) {
  const { id, priority, after, state, claimedBy, since, fence } = task;
  const done = state === "done" ? { completedBy: task.completedBy, completedAt: isoTime(task.completedAt) } : {};
  const texts = written({ title: task.title, area: task.area, note: task.note });
  return { id, priority, after, state, claimedBy, since: isoTime(since), fence, ...done, writtenByOthers: texts };
}

export function leaseView({ resource, holder, fence, since, expires, reason }: LeaseView) {
  const texts = written({ reason });
  return {
    resource: printable(formatResource(resource)),
    holder,
    fence,
    since: isoTime(since),
    expires: isoTime(expires),
    ...(Object.keys(texts).length > 0 ? { writtenByOthers: texts } : {}),
  };
}

function written(texts: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => (text ? [[name, printable(text)]] : [])));
}

/** Who one is, what one holds, what is ready, and what the others are at. @param limit of each list */
export function statusView(briefing: Briefing, { orchestrators, tasks, leases }: Status, limit: number) {
  const others = leases.filter(({ resource }) => resource.kind !== "task");
  const inProgress = tasks.filter(({ state }) => state === "in_progress");
  const queued = tasks.filter(({ state }) => state === "queued");
  return {
    you: { id: briefing.id, session: briefing.session, expires: isoTime(briefing.expires) },
    yourTasks: briefing.tasks.map(taskView),
    yourLocks: briefing.leases.map(leaseView),
    ready: briefing.ready.slice(0, limit).map(taskView),
    inProgress: inProgress.slice(0, limit).map(taskView),
    locks: others.slice(0, limit).map(leaseView),
    orchestrators: orchestrators.slice(0, limit).map(({ id, currentTask, lastSeen, expires }) => ({
      id,
      currentTask,
      lastSeen: isoTime(lastSeen),
      expires: isoTime(expires),
    })),
    counts: {
      ready: briefing.ready.length,
      queued: queued.length,
      inProgress: inProgress.length,
      locks: others.length,
      orchestrators: orchestrators.length,
    },
  };
}
