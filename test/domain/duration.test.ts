import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, LONGEST, parseDuration } from "../../src/domain/duration.ts";

describe("a duration", () => {
  test.each([
    ["1s", 1_000],
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
    ["1d1h1m1s", 90_061_000],
    ["30d", LONGEST],
    ["0h5m", 300_000],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each([
    ...[
      "",
      " ",
      "10",
      "10abc",
      "1e9",
      "1e9s",
      "-5",
      "-5s",
      "+5s",
      "0s",
      "0m0s",
      "1.5h",
      "10M",
      "10 m",
      "m",
      "1h30",
      "30m1h",
    ],
    ...["5s5s", "31d", "99999h", "99999999s", "0x10s", "١٠m", "10m\n", "Infinity", "NaN", "1_000s", "10ms"],
  ])("is not guessed from %j", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test("comes back as it was written, in the largest units", () => {
    expect(formatDuration(90_000)).toBe("1m30s");
    expect(formatDuration(86_400_000)).toBe("1d");
    expect(formatDuration(999)).toBe("0s");
    expect(formatDuration(-1)).toBe("0s");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LONGEST / 1000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
