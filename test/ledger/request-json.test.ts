/** `Coord-Request`: one line, enough to replay, and nothing that was not written by this program. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRequest, encodeRequest } from "../../src/ledger/request-json.ts";
import { operation, request } from "./arbitraries.ts";

const HEAD = { session: "s", host: "h" };
const decode = (fields: unknown, actor = "ada") => decodeRequest(JSON.stringify(fields), "op", actor);

describe("a request", () => {
  it("is read back exactly", () => {
    fc.assert(
      fc.property(request, (one) => {
        expect(decodeRequest(encodeRequest(one), one.opId, one.actor.id)).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  it("is one line, and holds no character that could break it or mislead a reader", () => {
    fc.assert(
      fc.property(request, (one) => {
        const text = encodeRequest(one);
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u00a0\u2000-\u206f\ufeff\ud800-\udfff]/);
        expect(text.split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(1);
      }),
    );
  });
});

describe("what is no request of ours is not read", () => {
  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a text", '"join"'],
    ["an unknown operation", JSON.stringify({ op: "steal", ...HEAD })],
    ["the name of something every object has", JSON.stringify({ op: "constructor", ...HEAD })],
    ["no session", JSON.stringify({ op: "join", host: "h" })],
    ["no host", JSON.stringify({ op: "join", session: "s" })],
  ])("%s", (_what, text) => {
    expect(decodeRequest(text, "op", "ada")).toBeNull();
  });

  it.each([
    ["an actor that is no identifier", { op: "join" }, "../../x"],
    ["nobody as the actor", { op: "join" }, "none"],
    ["a path outside", { op: "acquire", resources: ["file:../x"], ttl: null, reason: null }, "ada"],
    ["a path inside .git", { op: "acquire", resources: ["file:.git/config"], ttl: null, reason: null }, "ada"],
    ["a resource without a kind", { op: "acquire", resources: ["build"], ttl: null, reason: null }, "ada"],
    ["a negative time", { op: "acquire", resources: [], ttl: -5, reason: null }, "ada"],
    ["a time that is no whole number", { op: "renew", ttl: 1.5, expected: [] }, "ada"],
    ["a fence that is a text", { op: "renew", ttl: null, expected: [{ resource: "lock:a", fence: "7" }] }, "ada"],
    ["a list that is none", { op: "claim", task: null, area: null, with: "lock:a" }, "ada"],
    ["a task id with a slash", { op: "complete", task: "a/b", note: null }, "ada"],
    ["a note that is a number", { op: "release", task: "T1", note: 1 }, "ada"],
    ["no reason for a break", { op: "break", resources: [], force: true }, "ada"],
  ])("%s", (_what, fields, actor) => {
    expect(decode({ ...HEAD, ...fields }, actor)).toBeNull();
  });

  it("whatever it is, and never with an exception", () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.tuple(operation, fc.object()).map(([real, more]) => JSON.stringify({ ...HEAD, ...real, ...more })),
    );
    fc.assert(
      fc.property(anything, fc.string(), (text, actor) => {
        const read = decodeRequest(text, "op", actor);
        expect(read === null || read.actor.id === actor).toBe(true);
      }),
    );
  });

  it("a path in another spelling is read as the resource it means", () => {
    const read = decode({ ...HEAD, op: "acquire", resources: ["file:./src//a.ts"], ttl: null, reason: null });
    expect(read?.operation).toMatchObject({ resources: [{ kind: "file", name: "src/a.ts" }] });
  });
});
