/** Legal requests of every kind, with texts as hostile as the faces let through. */
import fc from "fast-check";
import { isIdentifier } from "../../src/domain/identifier.ts";
import { normalizePath } from "../../src/domain/path.ts";
import type { Operation, Request } from "../../src/domain/request.ts";
import { file, lock, type Resource, task } from "../../src/domain/resource.ts";
import type { Evidence } from "../../src/domain/verdict.ts";

export const identifier = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/).filter(isIdentifier);

export const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "a | b \\| c \\",
    "line\nCoord-Seq: 99\n\nCoord-Op: leave",
    "\r\n\u2028\u2029\u0085",
    "admin\u202enimda",
    "\u001b[31m",
    "__proto__",
    "&#124; <script>",
    "😀\u{e0041}\ufeff",
  ),
);

const path: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("src/a.ts", "src/", "é/x", "e\u0301/x", "a\u2028b", " "),
  )
  .map(normalizePath)
  .filter((reading) => reading.ok)
  .map((reading) => (reading.ok ? reading.path : ""));

export const resource: fc.Arbitrary<Resource> = fc.oneof(identifier.map(task), identifier.map(lock), path.map(file));

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const whole = fc.nat();
const holding = fc.record({ resource, fence: optional(whole) });
const op = <O extends Operation["op"]>(name: O) => fc.constant(name);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: op("join") }),
  fc.record({ op: op("leave") }),
  fc.record({
    op: op("add"),
    title: hostile,
    priority: whole,
    area: optional(hostile),
    after: fc.array(identifier),
    id: optional(identifier),
  }),
  fc.record({ op: op("claim"), task: optional(identifier), area: optional(hostile), with: fc.array(resource) }),
  fc.record({ op: op("complete"), task: identifier, note: optional(hostile) }),
  fc.record({ op: op("release"), task: identifier, note: optional(hostile) }),
  fc.record({ op: op("acquire"), resources: fc.array(resource), ttl: optional(whole), reason: optional(hostile) }),
  fc.record({ op: op("wait"), resources: fc.array(resource), until: whole }),
  fc.record({ op: op("withdraw"), resources: fc.array(resource) }),
  fc.record({ op: op("unlock"), resources: optional(fc.array(resource)) }),
  fc.record({ op: op("unlock"), resources: optional(fc.array(resource)), expected: fc.array(holding) }),
  fc.record({ op: op("renew"), ttl: optional(whole), expected: fc.array(holding) }),
  fc.record({ op: op("break"), resources: fc.array(resource), force: fc.boolean(), reason: hostile }),
  fc.record({ op: op("set"), name: hostile, value: hostile }),
);

export const opId = fc.stringMatching(/^[A-Za-z0-9_-]{21}$/);

export const request: fc.Arbitrary<Request> = fc.record({
  opId,
  actor: fc.record({ id: identifier, session: hostile, host: hostile }),
  operation,
});

/** Any millisecond from 1970 to 2100. */
export const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

export const evidence: fc.Arbitrary<Evidence> = fc.record({
  kind: fc.constantFrom("clock", "observed"),
  resource: fc.oneof(
    resource.map(({ kind, name }) => `${kind}:${name}`),
    identifier.map((id) => `orchestrator:${id}`),
  ),
  holder: identifier,
  fence: optional(whole),
  expires: optional(instant),
  clock: instant,
});
