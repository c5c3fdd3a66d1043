import { describe, expect, test } from "vitest";
import { lastResponse, restAskedFor } from "../../src/git/http-trace.ts";

const line = (words: string) => `07:17:16.076475 http.c:684              ${words}\n`;
const received = (...headers: string[]) => [...headers, ""].map((header) => line(`<= Recv header: ${header}`)).join("");
const DATE = "Date: Thu, 26 Nov 2026 07:00:00 GMT";

describe("the last answer in a trace of git", () => {
  test("is the last one of several: after a redirection, a request for a password, a go-ahead", () => {
    const trace =
      line("== Info: Connected to host (127.0.0.1) port 443 (#0)") +
      received("HTTP/1.1 301 Moved", "Retry-After: 5") +
      received("HTTP/1.1 401 Unauthorized") +
      line("=> Send header: POST /x.git/git-receive-pack HTTP/1.1") +
      received("HTTP/1.1 100 Continue") +
      received("HTTP/1.1 429 Too Many Requests", "retry-after: 7");
    expect(lastResponse(trace)).toEqual({ status: 429, headers: new Map([["retry-after", "7"]]) });
  });

  test("may be one of HTTP/2, and end with the trace", () => {
    const trace = received("HTTP/2 200", "Retry-After: 9") + received("HTTP/2 503", "RETRY-AFTER: 3").trimEnd();
    expect(lastResponse(trace)).toEqual({ status: 503, headers: new Map([["retry-after", "3"]]) });
  });

  test("is not the go-ahead for a request that never got its answer", () => {
    const trace = received("HTTP/1.1 503 x", "Retry-After: 3") + received("HTTP/1.1 100 Continue");
    expect(lastResponse(trace)?.status).toBe(503);
  });

  test("is not what was sent, nor what curl says about it", () => {
    const trace =
      line("=> Send header: HTTP/1.1 429 no") +
      line("== Info: <= Recv header: HTTP/1.1 429 no") +
      line("<= Recv header, 0000000032 bytes (0x00000020)");
    expect(lastResponse(trace)).toBeNull();
    expect(lastResponse("")).toBeNull();
  });
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe("how long a remote asks to be left alone", () => {
  test.each<[string, string[], number | null]>([
    ["so many seconds", ["HTTP/1.1 429 x", "Retry-After: 42"], 42 * SECOND],
    ["the same of a server that is busy", ["HTTP/1.1 503 x", "Retry-After: 42"], 42 * SECOND],
    [
      "a date, by the server's own clock",
      ["HTTP/1.1 429 x", DATE, "Retry-After: Thu, 26 Nov 2026 07:01:30 GMT"],
      90 * SECOND,
    ],
    ["a date that is over", ["HTTP/1.1 429 x", DATE, "Retry-After: Thu, 26 Nov 2026 06:00:00 GMT"], SECOND],
    ["a date without the server's own", ["HTTP/1.1 429 x", "Retry-After: Thu, 26 Nov 2026 07:01:30 GMT"], MINUTE],
    ["at once, which is a second", ["HTTP/1.1 429 x", "Retry-After: 0"], SECOND],
    ["ten years, of which an hour is believed", ["HTTP/1.1 429 x", "Retry-After: 315360000"], 60 * MINUTE],
    ["more than a number holds", ["HTTP/1.1 429 x", `Retry-After: ${"9".repeat(400)}`], 60 * MINUTE],
    ["nothing in particular", ["HTTP/1.1 429 x"], MINUTE],
    ["nonsense", ["HTTP/1.1 429 x", DATE, "Retry-After: -5"], MINUTE],
    ["a fraction", ["HTTP/1.1 429 x", DATE, "Retry-After: 1.5"], MINUTE],
    ["a busy server that does not say", ["HTTP/1.1 503 x"], null],
    ["a busy server that talks nonsense", ["HTTP/1.1 503 x", "Retry-After: soon"], null],
    ["another failure", ["HTTP/1.1 504 x", "Retry-After: 42"], null],
    ["a success", ["HTTP/1.1 200 OK", "Retry-After: 42"], null],
  ])("%s", (_, headers, time) => {
    expect(restAskedFor(lastResponse(received(...headers)))).toBe(time);
  });

  test("is nothing without an answer", () => {
    expect(restAskedFor(null)).toBeNull();
  });
});
