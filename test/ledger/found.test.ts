/** Creating the branch, and what happens when two do it at once. */
import { describe, expect, it } from "vitest";
import { found } from "../../src/ledger/found.ts";
import { Bench, BOARD, beaten, failureOf, fate } from "./bench.ts";

describe("founding", () => {
  it("creates the branch with the given board, at seq 1", async () => {
    const bench = new Bench();
    const ada = bench.clone("ada");
    const founding = await found(ada.ledger, BOARD);
    expect(founding).toMatchObject({ kind: "created", tip: { seq: 1, commit: bench.server.tip } });
    expect(bench.text()).toBe(BOARD);
    expect(bench.messages[0]).toMatch(/^init: .*\nCoord-Op: init\n.*\nCoord-Seq: 1\n/s);
    expect(ada.machine.pending.size).toBe(0);
  });

  it("attaches to a branch that is there, and writes nothing", async () => {
    const bench = new Bench();
    await found(bench.clone("ada").ledger, BOARD);
    const bob = bench.clone("bob");
    expect((await found(bob.ledger, "no board at all")).kind).toBe("attached");
    expect(bob.log).toEqual(["fetch"]);
  });

  it("by two at the same moment ends on one root", async () => {
    const bench = new Bench();
    const [ada, bob] = [bench.clone("ada"), bench.clone("bob")];
    ada.fates = [beaten(() => found(bob.ledger, BOARD))];
    const founding = await found(ada.ledger, BOARD);
    expect(founding).toMatchObject({ kind: "attached", tip: { commit: bench.server.tip } });
    expect(bench.messages).toHaveLength(1);
    expect(ada.machine.tip).toBe(bob.machine.tip);
  });

  it("whose reply was lost is created all the same", async () => {
    const bench = new Bench();
    const ada = bench.clone("ada");
    ada.fates = [fate.lostReply];
    expect((await found(ada.ledger, BOARD)).kind).toBe("created");
  });

  it("that landed is created, even when the remote cannot be asked again", async () => {
    const bench = new Bench();
    const ada = bench.clone("ada");
    ada.fates = [
      (arrival) => {
        ada.isDown = true;
        return fate.honest(arrival);
      },
    ];
    expect(await found(ada.ledger, BOARD)).toMatchObject({ kind: "created", tip: { commit: bench.server.tip } });
  });

  it("without an answer is unknown, and the next command settles it", async () => {
    const bench = new Bench();
    const ada = bench.clone("ada");
    ada.fates = Array.from({ length: 5 }, () => fate.dropped);
    expect((await failureOf(found(ada.ledger, BOARD))).code).toBe("unknown");
    expect(ada.machine.pending.size).toBe(1);
    await found(bench.clone("bob").ledger, BOARD);
    expect((await found(ada.ledger, BOARD)).kind).toBe("attached");
    expect(ada.machine.pending.size).toBe(0);
  });

  it("does not take an unreachable remote for an empty one", async () => {
    const ada = new Bench().clone("ada");
    ada.isDown = true;
    expect((await failureOf(found(ada.ledger, BOARD))).code).toBe("unreachable");
  });

  it.each([
    ["that cannot be read", "no board at all", "not_a_board"],
    [
      "that contradicts itself",
      `${BOARD}\n## Settings\n\n| Setting | Value |\n|---|---|\n| Lock time | soon |\n`,
      "bad_setting",
    ],
  ])("refuses a board %s", async (_what, text, code) => {
    const bench = new Bench();
    const founding = await found(bench.clone("ada").ledger, text);
    expect(founding).toMatchObject({
      kind: "unusable",
      problems: expect.arrayContaining([expect.objectContaining({ code })]),
    });
    expect(bench.server.tip).toBeNull();
  });

  it("grants anew what a board of another history holds: its fences mean nothing here", async () => {
    const bench = new Bench();
    const held = `${BOARD}\n## File Locks\n\n| File Path | Locked By | Since | Expires | Fence |\n|---|---|---|---|---|\n`;
    const rows =
      "| src/a.ts | ada | 2026-01-21T14:00:00Z | 2026-01-21T15:00:00Z | 77 |\n| src/b.ts | ada | - | - | - |\n";
    const founding = await found(bench.clone("ada").ledger, held + rows);
    const fences = founding.kind === "created" ? founding.tip.board.leases.map(({ fence }) => fence) : [];
    expect(fences).toEqual([1, null]);
  });
});
