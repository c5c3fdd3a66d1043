import { formatInstant, type Instant } from "../domain/instant.ts";
import { shortened } from "../domain/printable.ts";
import type { Request } from "../domain/request.ts";
import type { Resource } from "../domain/resource.ts";
import type { Evidence, Grant } from "../domain/verdict.ts";

/** The longest subject: `git log --oneline` fits on a line of 100 characters. */
const SUBJECT = 90;

const names = (resources: readonly Resource[]): string => resources.map((resource) => resource.name).join(", ");

/** `14:40:00Z`: the day stands in the commit's date. */
const timeOfDay = (at: Instant | null): string => (at === null ? "its session ends" : formatInstant(at).slice(11));

/** What `git log --oneline` shows: what was granted to whom, until when (DESIGN 5). */
export function subjectOf(request: Request, grant: Grant, evidence: readonly Evidence[]): string {
  const losers = [...new Set(evidence.map(({ holder }) => holder))];
  const takes = grant.op === "wait" || grant.op === "claim" || grant.op === "acquire" || grant.op === "join";
  const taken = losers.length === 0 || !takes ? "" : `, taken from ${losers.join(", ")}`;
  return shortened(`${describe(request.actor.id, grant)}${taken}`, SUBJECT);
}

function describe(actor: string, grant: Grant): string {
  switch (grant.op) {
    case "join":
      return `join: ${actor}`;
    case "leave":
      return grant.released.length === 0 ? `leave: ${actor}` : `leave: ${actor} releases ${names(grant.released)}`;
    case "add":
      return `add ${grant.task.id}: ${grant.task.title}`;
    case "claim": {
      const others = grant.leases.slice(1).map((lease) => lease.resource);
      return `claim ${grant.task.id}: ${actor}${others.length === 0 ? "" : ` with ${names(others)}`}`;
    }
    case "complete":
      return `done ${grant.task.id}: ${actor}`;
    case "release":
      return `release ${grant.task.id}: ${actor}`;
    case "acquire": {
      const first = grant.leases[0];
      return `lock ${names(grant.leases.map((lease) => lease.resource))}: ${actor} until ${timeOfDay(first?.expires ?? null)}`;
    }
    case "wait": {
      const until = grant.waiters[0]?.until ?? null;
      return `wait for ${names(grant.waiters.map(({ resource }) => resource))}: ${actor} until ${timeOfDay(until)}`;
    }
    case "withdraw":
      return `withdraw from ${names(grant.withdrawn)}: ${actor}`;
    case "unlock":
      return `unlock ${names(grant.released)}: ${actor}`;
    case "renew":
      return `renew: ${actor} holds ${grant.leases.length} until ${timeOfDay(grant.expires)}`;
    case "break": {
      const holders = [...new Set(grant.broken.map((lease) => lease.holder))].join(", ");
      return `break ${names(grant.broken.map((lease) => lease.resource))}: ${actor} frees it from ${holders}`;
    }
    case "set":
      return `set ${grant.setting.name} = ${grant.setting.value}: ${actor}`;
  }
}

/** The lines between subject and trailers: notes and reasons, and whose expired leases were taken. */
export function bodyOf(request: Request, evidence: readonly Evidence[]): string {
  const { operation } = request;
  const said =
    operation.op === "complete" || operation.op === "release"
      ? operation.note
      : operation.op === "break" || operation.op === "acquire"
        ? operation.reason
        : null;
  const taken = evidence.map(
    ({ resource, holder, expires, kind }) =>
      `${resource} of ${holder} was over: since ${formatInstant(expires ?? 0)}, by ${kind}.`,
  );
  return [...(said === null ? [] : [shortened(said, 500)]), ...taken].join("\n");
}
