import type { Status } from "../../app/look.ts";
import type { Instant } from "../../domain/instant.ts";
import { formatResource } from "../../domain/resource.ts";
import { leaseJson, orchestratorJson, taskJson } from "./json.ts";
import { table } from "./table.ts";
import { clockTime, deadline, isoTime } from "./time.ts";

export function statusJson({ orchestrators, tasks, leases, locks, waiters, settings }: Status) {
  return {
    orchestrators: orchestrators.map(orchestratorJson),
    tasks: tasks.map(taskJson),
    leases: leases.map(leaseJson),
    locks,
    waiters: waiters.map((waiter) => ({
      resource: formatResource(waiter.resource),
      orchestrator: waiter.orchestrator,
      since: isoTime(waiter.since),
      until: isoTime(waiter.until),
      turn: isoTime(waiter.turn),
    })),
    settings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
  };
}

/** The board for people: who is there, what is held, what is worked on, what waits. Empty parts are left out. */
export function statusText(status: Status, now: Instant): string {
  const locks = status.leases.filter((lease) => lease.resource.kind !== "task");
  const inState = (state: string) => status.tasks.filter((task) => task.state === state);
  const done = inState("done");
  const parts = [
    part(
      "Orchestrators",
      status.orchestrators.map((row) => [
        row.id,
        row.currentTask ?? "idle",
        row.lastSeen === null ? "never seen" : `seen ${clockTime(row.lastSeen, now)}`,
        `until ${deadline(row.expires, now)}`,
        row.host ?? "",
      ]),
    ),
    part(
      "Locks",
      locks.map((lease) => [
        formatResource(lease.resource),
        lease.holder,
        `until ${deadline(lease.expires, now)}`,
        lease.reason ?? "",
      ]),
    ),
    part(
      "In progress",
      inState("in_progress").map((task) => [
        task.id,
        task.claimedBy ?? "nobody",
        task.since === null ? "" : `since ${clockTime(task.since, now)}`,
        task.title,
      ]),
    ),
    part(
      "Queue",
      inState("queued").map((task) => [
        task.id,
        `P${task.priority ?? "-"}`,
        task.title,
        task.after.length === 0 ? "" : `after ${task.after.join(", ")}`,
      ]),
    ),
    part(
      "Waiting",
      status.waiters.map((waiter) => [
        formatResource(waiter.resource),
        waiter.orchestrator,
        `until ${deadline(waiter.until, now)}`,
      ]),
    ),
    part(
      done.length > 5 ? `Done (the newest 5 of ${done.length})` : "Done",
      done.slice(0, 5).map((task) => [task.id, task.completedBy ?? "", task.title]),
    ),
  ].filter((text) => text !== "");
  return parts.length === 0
    ? "The board is empty: `git coord add TITLE` puts a task on the queue.\n"
    : parts.join("\n");
}

function part(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : `${title}\n${table(rows, "  ")}`;
}
