/** Evidence by observation: watched unchanged for the whole time to live plus the tolerance, on one boot's clock. */
import { describe, expect, it } from "vitest";
import { type Board, EMPTY_BOARD, type Lease } from "../../src/domain/board.ts";
import { lock } from "../../src/domain/resource.ts";
import { readWatch, type Watch, watch } from "../../src/ledger/observed.ts";

const MINUTE = 60_000;
const LEASE: Lease = { resource: lock("build"), holder: "ada", fence: 7, since: 0, expires: 10 * MINUTE, reason: null };
const boardWith = (change: Partial<Lease> = {}): Board => ({ ...EMPTY_BOARD, leases: [{ ...LEASE, ...change }] });
/** Ten minutes of the lease and half a minute of tolerance. */
const NEEDED = 10 * MINUTE + 30_000;

const seen = (previous: Watch | null, now: number, board = boardWith(), boot = "boot") =>
  watch(previous, board, boot, now);

describe("a lease", () => {
  it("is evidence only after more than its whole time plus the tolerance", () => {
    const first = seen(null, 1000).watch;
    expect(seen(first, 1000 + NEEDED).matured).toEqual([]);
    const { resource: _, ...others } = LEASE;
    const { matured } = seen(first, 1001 + NEEDED);
    expect(matured).toEqual([
      { resource: "lock:build", holder: others.holder, fence: others.fence, expires: others.expires },
    ]);
  });

  it.each([
    ["renewed", { expires: 11 * MINUTE }],
    ["granted anew", { fence: 8 }],
    ["taken by another", { holder: "bob" }],
  ])("that was %s is watched from the beginning", (_what, change) => {
    const first = seen(null, 0).watch;
    expect(seen(first, 2 * NEEDED, boardWith(change)).matured).toEqual([]);
  });

  it("that was gone for a moment is watched from the beginning", () => {
    const gone = seen(seen(null, 0).watch, 1000, EMPTY_BOARD).watch;
    expect(seen(gone, 2 * NEEDED).matured).toEqual([]);
  });

  it("is watched from the beginning after a reboot", () => {
    expect(seen(seen(null, 0).watch, 2 * NEEDED, boardWith(), "another boot").matured).toEqual([]);
  });

  it("without an end never matures", () => {
    const board: Board = { ...EMPTY_BOARD, leases: [{ ...LEASE, since: null, expires: null }] };
    expect(seen(seen(null, 0, board).watch, 100 * NEEDED, board).matured).toEqual([]);
  });
});

it("a sign of life begins a new watch of a session, also where its end stays what it was", () => {
  const session = (lastSeen: number): Board => ({
    ...EMPTY_BOARD,
    orchestrators: [
      { id: "ada", status: "", currentTask: null, lastSeen, host: null, session: "s", expires: 120 * MINUTE },
    ],
  });
  const first = seen(null, 0, session(0)).watch;
  // An hour later it has half of its time left: that much, and not less, has to be watched from now on.
  const later = seen(first, 60 * MINUTE, session(60 * MINUTE));
  expect(later.matured).toEqual([]);
  expect(seen(later.watch, 90 * MINUTE, session(60 * MINUTE)).matured).toEqual([]);
  expect(seen(later.watch, 121 * MINUTE, session(60 * MINUTE)).matured).toHaveLength(1);
});

it("a monotonic clock that is behind what was stored never makes a watch longer than it was", () => {
  const first = seen(null, 5000).watch;
  const second = seen(first, 1000).watch;
  expect(seen(second, 1000 + NEEDED).matured).toEqual([]);
  expect(seen(second, 1001 + NEEDED).matured).toHaveLength(1);
});

it("a watch survives being stored, and anything else that is found there is no watch", () => {
  const { watch: stored } = seen(null, 1000);
  expect(readWatch(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
  for (const value of [null, 1, "x", [], {}, { bootId: 1, since: {} }, { bootId: "boot", since: null }]) {
    expect(readWatch(value)).toBeNull();
  }
  expect(readWatch({ bootId: "boot", since: { a: "soon", b: 1 } })).toEqual({ bootId: "boot", since: { b: 1 } });
});
