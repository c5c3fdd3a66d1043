/** What a commit says about itself (DESIGN 5), and what its author can not make it say. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entry, formatMessage, readEntry } from "../../src/ledger/entry.ts";
import { encodeRequest } from "../../src/ledger/request-json.ts";
import { evidence, identifier, instant, opId, request, resource } from "./arbitraries.ts";

const common = {
  opId,
  at: instant,
  seq: fc.integer({ min: 1, max: 10 ** 15 - 1 }),
  resources: fc.array(resource.map(({ kind, name }) => `${kind}:${name}`)),
  evidence: fc.array(evidence, { maxLength: 3 }),
};
const asked: fc.Arbitrary<Entry> = fc.record({ ...common, request }).map(({ request: one, ...rest }) => ({
  ...rest,
  op: one.operation.op,
  actor: one.actor.id,
  opId: one.opId,
  request: one,
}));
const housekeeping: fc.Arbitrary<Entry> = fc.record({
  ...common,
  op: fc.constantFrom("init", "edit", "barrier", "repair"),
  actor: identifier,
  request: fc.constant(null),
});

const line = fc.string().filter((text) => text.trim() !== "" && !/[\r\n]/.test(text));
const body = fc.oneof(fc.constant(""), line, fc.constant("Coord-Op: leave\nCoord-Seq: 9"));

const write = (entry: Entry, subject = "subject", text = "") =>
  formatMessage(subject, text, entry, entry.request && encodeRequest(entry.request));

describe("an entry", () => {
  it("is read back exactly, whatever the subject and the body say", () => {
    fc.assert(
      fc.property(fc.oneof(asked, housekeeping), line, body, (entry, subject, text) => {
        expect(readEntry(write(entry, subject, text))).toEqual({ kind: "entry", entry });
      }),
      { numRuns: 500 },
    );
  });

  it("looks as in the design", () => {
    const one: Entry = {
      op: "acquire",
      opId: "V1StGXR8_Z5jdHi6B-myT",
      actor: "orch-1430-7842",
      at: Date.UTC(2026, 0, 21, 14, 30),
      seq: 42,
      resources: ["lock:build", "file:src/a.ts"],
      evidence: [],
      request: {
        opId: "V1StGXR8_Z5jdHi6B-myT",
        actor: { id: "orch-1430-7842", session: "s", host: "h" },
        operation: { op: "acquire", resources: [{ kind: "lock", name: "build" }], ttl: null, reason: null },
      },
    };
    expect(write(one, "lock build: orch-1430-7842 until 14:40:00Z")).toBe(`lock build: orch-1430-7842 until 14:40:00Z

Coord-Op: acquire
Coord-Actor: orch-1430-7842
Coord-Resource: lock:build
Coord-Resource: file:src/a.ts
Coord-At: 2026-01-21T14:30:00.000Z
Coord-Seq: 42
Coord-Op-Id: V1StGXR8_Z5jdHi6B-myT
Coord-Request: {"op":"acquire","session":"s","host":"h","resources":["lock:build"],"ttl":null,"reason":null}
`);
  });
});

const GOOD = `subject

Coord-Op: join
Coord-Actor: ada
Coord-At: 2026-01-21T14:30:00.000Z
Coord-Seq: 2
Coord-Op-Id: op
Coord-Request: {"op":"join","session":"s","host":"h"}
`;

describe("a message", () => {
  it("without trailers is a manual edit", () => {
    expect(readEntry("fixed the board\n\nby hand\n")).toEqual({ kind: "manual" });
    expect(readEntry("")).toEqual({ kind: "manual" });
    expect(readEntry("fixed the board\n\nCoord-Id: ana\n")).toEqual({ kind: "manual" });
  });

  it("whose trailers are not in the last paragraph is a manual edit", () => {
    expect(readEntry(`${GOOD}\nP.S. more words\n`)).toEqual({ kind: "manual" });
  });

  it.each([
    ["two op ids", (text: string) => text.replace("Coord-Op-Id: op\n", "Coord-Op-Id: op\nCoord-Op-Id: other\n")],
    [
      "two op ids that are the same",
      (text: string) => text.replace("Coord-Op-Id: op\n", "Coord-Op-Id: op\nCoord-Op-Id: op\n"),
    ],
    ["two requests", (text: string) => `${text}Coord-Request: {"op":"leave","session":"s","host":"h"}\n`],
    ["no actor", (text: string) => text.replace("Coord-Actor: ada\n", "")],
    ["no request", (text: string) => text.replace(/Coord-Request.*\n/, "")],
    ["a request for something else", (text: string) => text.replace('"op":"join"', '"op":"leave"')],
    ["an operation that nobody knows", (text: string) => text.replace("Coord-Op: join", "Coord-Op: steal")],
    ["an empty op id", (text: string) => text.replace("Op-Id: op", "Op-Id: ")],
    ["a seq of 0", (text: string) => text.replace("Seq: 2", "Seq: 0")],
    ["a seq with a leading zero", (text: string) => text.replace("Seq: 2", "Seq: 02")],
    ["a negative seq", (text: string) => text.replace("Seq: 2", "Seq: -2")],
    ["a seq with an exponent", (text: string) => text.replace("Seq: 2", "Seq: 1e9")],
    ["a seq beyond what can be counted", (text: string) => text.replace("Seq: 2", `Seq: ${"9".repeat(16)}`)],
    ["a day that does not exist", (text: string) => text.replace("01-21", "02-30")],
    ["evidence that is no JSON", (text: string) => `${text}Coord-Evidence: because\n`],
    [
      "evidence of an unknown kind",
      (text: string) =>
        `${text}Coord-Evidence: {"kind":"trust","resource":"lock:a","holder":"b","clock":"2026-01-21T14:30:00Z"}\n`,
    ],
    [
      "evidence without a clock",
      (text: string) => `${text}Coord-Evidence: {"kind":"clock","resource":"lock:a","holder":"b"}\n`,
    ],
    ["evidence that is null", (text: string) => `${text}Coord-Evidence: null\n`],
  ])("with %s is malformed", (_what, change) => {
    expect(readEntry(GOOD).kind).toBe("entry");
    expect(readEntry(change(GOOD)).kind).toBe("malformed");
  });

  it("of any kind is read without an exception", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom(...GOOD.split("\n"), "", "Coord-Evidence: {}", "Coord-Seq: 9"))
        .map((lines) => lines.join("\n")),
    );
    fc.assert(fc.property(anything, (message) => ["entry", "manual", "malformed"].includes(readEntry(message).kind)));
  });
});
