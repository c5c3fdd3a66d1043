/** `doctor --repair`: a new commit restores the last good board, and the damage stays in the history. */
import { describe, expect, it } from "vitest";
import { lock } from "../../src/domain/resource.ts";
import { LedgerFailure } from "../../src/ledger/failure.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { repair } from "../../src/ledger/repair.ts";
import { Bench, BOARD, beaten, fate, openBench } from "./bench.ts";

const LOCK = { op: "acquire", resources: [lock("build")], ttl: null, reason: null } as const;
const DAMAGED = "<<<<<<< HEAD\nno board at all\n";

describe("repair", () => {
  it("leaves a healthy board alone", async () => {
    const { bench, clones } = await openBench("ada");
    expect(await repair(clones[0].ledger)).toMatchObject({ kind: "healthy", tip: { commit: bench.server.tip } });
    expect(bench.subjects).toHaveLength(1);
  });

  it("restores the last good board by a commit on top of the damage", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    await bob.ask(LOCK);
    const [good, text] = [bench.server.tip, bench.text()];
    const damage = [bench.push(DAMAGED), bench.push(`${DAMAGED}worse`)];
    const repaired = await repair(ada.ledger);
    expect(repaired).toMatchObject({ kind: "restored", from: good, tip: { commit: bench.server.tip, seq: 5 } });
    expect(bench.text()).toBe(text);
    expect(bench.objects.chain(bench.server.tip)).toEqual(expect.arrayContaining(damage));
    expect(await ada.verdicts(LOCK)).toEqual(["refused"]);
  });

  it("that landed is restored, even when the remote cannot be asked again", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    bench.push(DAMAGED);
    ada.fates = [
      (arrival) => {
        ada.isDown = true;
        return fate.honest(arrival);
      },
    ];
    expect((await repair(ada.ledger)).kind).toBe("restored");
  });

  it("finds it healthy when somebody else was faster", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    bench.push(DAMAGED);
    ada.fates = [beaten(() => repair(bob.ledger))];
    expect((await repair(ada.ledger)).kind).toBe("healthy");
    expect(bench.subjects).toHaveLength(3);
  });

  it("begins anew when the damage has grown meanwhile", async () => {
    const { bench, clones } = await openBench("ada");
    const [ada] = clones;
    bench.push(DAMAGED);
    ada.fates = [beaten(() => bench.push(`${DAMAGED}worse`))];
    expect(await repair(ada.ledger)).toMatchObject({ kind: "restored", tip: { seq: 4 } });
  });

  it("says that it is hopeless when nothing readable was ever there", async () => {
    const bench = new Bench();
    bench.push(DAMAGED);
    bench.push(DAMAGED);
    expect(await repair(bench.clone("ada").ledger)).toEqual({ kind: "hopeless" });
  });

  it("does not put an old board over one that needs a newer program", async () => {
    const { bench, clones } = await openBench("ada");
    const commit = bench.push(BOARD.replace("format 1", "format 2"));
    expect(await repair(clones[0].ledger)).toEqual({ kind: "too_new", commit });
    expect(bench.server.tip).toBe(commit);
  });

  it("brings back the time of a tip that is far ahead of every clock", async () => {
    const { bench, clones } = await openBench("ada", "bob");
    const [ada, bob] = clones;
    bench.now += 100 * 86_400_000;
    await bob.ask(LOCK);
    bench.now = 0;
    expect((await repair(ada.ledger)).kind).toBe("restored");
    expect(await ada.verdicts({ op: "join" })).toEqual(["granted"]);
  });

  it("goes back behind a commit that is refused as a base", async () => {
    const { bench, clones } = await openBench("ada");
    const [root, bad] = [bench.server.tip, bench.push(`${BOARD}\nforged\n`)];
    const objection = new LedgerFailure({ code: "bad_board", commit: bad, problems: [] });
    const acceptTip = async (tip: { commit: string }) => (tip.commit === bad ? objection : null);
    const ledger = openLedger({ ...clones[0].parts(), acceptTip });
    expect(await repair(ledger)).toMatchObject({ kind: "restored", from: root });
  });
});
