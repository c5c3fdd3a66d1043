import { isIdentifier } from "../domain/identifier.ts";
import type { Holding, Operation, Request } from "../domain/request.ts";
import { formatResource, parseResource, type Resource } from "../domain/resource.ts";

/**
 * The value of `Coord-Request`: one line of JSON, enough to replay the request. Characters that could break
 * a line or mislead a reader are written as `\u…`.
 */
export function encodeRequest(request: Request): string {
  const { op, ...fields } = request.operation;
  const written = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, encodeField(value)]));
  const json = JSON.stringify({ op, session: request.actor.session, host: request.actor.host, ...written });
  return json.replace(/[^\u0020-\u007e\u00a1-\u1fff\u3000-\ud7ff\ue000-\ufefe]/g, escapeUnit);
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

function encodeField(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: Resource | Holding | string) => {
    if (typeof item === "string") return item;
    return "resource" in item ? { ...item, resource: formatResource(item.resource) } : formatResource(item);
  });
}

/** Thrown and caught in this file only: the commit's author may have written anything. */
class Unreadable extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The request that a commit claims to carry, or null when the text is not one that this program would have
 * written. The op id and the actor's id stand in trailers of their own.
 */
export function decodeRequest(text: string, opId: string, actorId: string): Request | null {
  try {
    const fields = JSON.parse(text) as unknown;
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return null;
    const known = fields as Fields;
    const actor = { id: id(actorId), session: string(known.session), host: string(known.host) };
    return { opId, actor, operation: decodeOperation(known) };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return null;
    throw error;
  }
}

function decodeOperation(fields: Fields): Operation {
  switch (fields.op) {
    case "join":
    case "leave":
      return { op: fields.op };
    case "add":
      return {
        op: "add",
        title: string(fields.title),
        priority: integer(fields.priority),
        area: optional(fields.area, string),
        after: list(fields.after, id),
        id: optional(fields.id, id),
      };
    case "claim":
      return {
        op: "claim",
        task: optional(fields.task, id),
        area: optional(fields.area, string),
        with: list(fields.with, resource),
      };
    case "complete":
    case "release":
      return { op: fields.op, task: id(fields.task), note: optional(fields.note, string) };
    case "acquire":
      return {
        op: "acquire",
        resources: list(fields.resources, resource),
        ttl: optional(fields.ttl, integer),
        reason: optional(fields.reason, string),
      };
    case "wait":
      return { op: "wait", resources: list(fields.resources, resource), until: integer(fields.until) };
    case "withdraw":
      return { op: "withdraw", resources: list(fields.resources, resource) };
    case "unlock":
      return {
        op: "unlock",
        resources: optional(fields.resources, (value) => list(value, resource)),
        ...(fields.expected === undefined ? {} : { expected: list(fields.expected, holding) }),
      };
    case "renew":
      return { op: "renew", ttl: optional(fields.ttl, integer), expected: list(fields.expected, holding) };
    case "break":
      return {
        op: "break",
        resources: list(fields.resources, resource),
        force: fields.force === true,
        reason: string(fields.reason),
      };
    case "set":
      return { op: "set", name: string(fields.name), value: string(fields.value) };
    default:
      throw new Unreadable();
  }
}

function string(value: unknown): string {
  if (typeof value !== "string") throw new Unreadable();
  return value;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Unreadable();
  return value as number;
}

function id(value: unknown): string {
  if (!isIdentifier(string(value))) throw new Unreadable();
  return string(value);
}

function resource(value: unknown): Resource {
  const reading = parseResource(string(value));
  if (!reading?.ok) throw new Unreadable();
  return reading.resource;
}

function holding(value: unknown): Holding {
  if (typeof value !== "object" || value === null) throw new Unreadable();
  const fields = value as Fields;
  return { resource: resource(fields.resource), fence: optional(fields.fence, integer) };
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : read(value);
}

function list<T>(value: unknown, read: (value: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new Unreadable();
  return value.map(read);
}
