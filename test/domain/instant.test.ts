import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant, wholeSecond } from "../../src/domain/instant.ts";

const HALF_PAST_TWO = Date.UTC(2026, 0, 21, 14, 30, 0);

describe("an instant", () => {
  test("is written as ISO 8601 in UTC, with a fraction only where there is one", () => {
    expect(formatInstant(HALF_PAST_TWO)).toBe("2026-01-21T14:30:00Z");
    expect(formatInstant(HALF_PAST_TWO + 7)).toBe("2026-01-21T14:30:00.007Z");
  });

  test.each([
    "2026-01-21T14:30:00Z",
    "2026-01-21 14:30:00",
    "2026-01-21T14:30",
    "2026-01-21T14:30:00.000Z",
    "2026-01-21t14:30:00z",
    "2026-01-21 14:30:00 UTC",
    "2026-01-21T15:30:00+01:00",
    "2026-01-21T09:00:00-0530",
    " 2026-01-21T14:30:00Z ",
  ])("is read as people write it: %j", (text) => {
    expect(parseInstant(text)).toBe(HALF_PAST_TWO);
  });

  test("needs no time of day", () => {
    expect(parseInstant("2026-01-21")).toBe(Date.UTC(2026, 0, 21));
  });

  test.each([
    "",
    "now",
    "14:30",
    "2026-02-30T00:00:00Z",
    "2026-13-01",
    "2026-01-21T25:00:00Z",
    "2026-01-21T14:60:00Z",
    "21.01.2026",
    "2026-01-21T14:30:00Z; rm",
    "1769005800",
    "2026-1-2",
  ])("is not guessed from %j", (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
        expect(parseInstant(formatInstant(at))).toBe(at);
        expect(wholeSecond(at) % 1000).toBe(0);
        expect(at - wholeSecond(at)).toBeLessThan(1000);
      }),
    );
  });
});
