import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ObjectStore, Oid, Remote } from "../../src/ledger/ports.ts";
import { boardCommit } from "./board-commit.ts";

/** One of two clones that work on the same branch. */
export interface Side {
  readonly remote: Remote;
  readonly objects: ObjectStore;
}

/** Two clones and the branch that they share, seen also from the server. */
export interface SharedBranch {
  readonly sides: readonly [Side, Side];
  /** Sets the branch on the server by force, to a commit that it has; null deletes it. */
  setTip(tip: Oid | null): Promise<void>;
  /** From now on neither side can reach the server. */
  disconnect(): Promise<void>;
  dispose(): Promise<void>;
}

/** What every `Remote` must do, a real one or a simulated one. */
export function remoteContract(name: string, makeBranch: () => Promise<SharedBranch>): void {
  describe(`Remote contract: ${name}`, () => {
    let branch: SharedBranch;
    let here: Side;
    let there: Side;
    beforeEach(async () => {
      branch = await makeBranch();
      [here, there] = branch.sides;
    });
    afterEach(() => branch.dispose());

    /** Lands one more commit from a side that is up to date. */
    async function land(side: Side): Promise<Oid> {
      const base = await side.remote.knownTip();
      const commit = await boardCommit(side.objects, base);
      expect(await side.remote.push(base, commit)).toEqual({ kind: "landed" });
      return commit;
    }

    test("a branch that nobody made is absent, which is no error", async () => {
      expect(await here.remote.knownTip()).toBeNull();
      expect(await here.remote.fetch()).toEqual({ kind: "absent" });
      expect(await here.remote.knownTip()).toBeNull();
    });

    test("what one side lands, the other one fetches and reads", async () => {
      const commit = await land(here);
      expect(await here.remote.knownTip()).toBe(commit);
      expect(await there.remote.knownTip()).toBeNull();
      expect(await there.remote.fetch()).toEqual({ kind: "tip", tip: commit });
      expect(await there.remote.knownTip()).toBe(commit);
      expect((await there.objects.readCommit(commit)).parents).toEqual([]);
      const reading = await there.objects.readFile(commit, "master_coordination.md", 1000);
      expect(reading.kind).toBe("text");
    });

    test("a push that has landed has moved the local tip, one that was refused has not", async () => {
      const commit = await boardCommit(here.objects, null);
      expect(await here.remote.push(null, commit)).toEqual({ kind: "landed" });
      expect(await here.remote.knownTip()).toBe(commit);
      const late = await boardCommit(there.objects, null);
      expect((await there.remote.push(null, late)).kind).toBe("rejected");
      expect(await there.remote.knownTip()).toBeNull();
    });

    test("a fetch brings everything that was missed", async () => {
      const first = await land(here);
      await there.remote.fetch();
      await land(here);
      const last = await land(here);
      expect(await there.remote.fetch()).toEqual({ kind: "tip", tip: last });
      expect(
        (await there.objects.readCommit((await there.objects.readCommit(last)).parents[0] as Oid)).parents,
      ).toEqual([first]);
    });

    test("of a branch that is long already, all of the past can be read, and built upon", async () => {
      const past: Oid[] = [];
      for (let count = 0; count < 12; count += 1) {
        past.unshift(await boardCommit(here.objects, past[0] ?? null));
      }
      expect(await here.remote.push(null, past[0] as Oid)).toEqual({ kind: "landed" });
      expect(await there.remote.fetch()).toEqual({ kind: "tip", tip: past[0] });
      const next = await land(there);
      const read: Oid[] = [];
      for (let oid: Oid | undefined = next; oid !== undefined; ) {
        read.push(oid);
        oid = (await there.objects.readCommit(oid)).parents[0];
      }
      expect(read).toEqual([next, ...past]);
      expect(await here.remote.fetch()).toEqual({ kind: "tip", tip: next });
    });

    test("a push on a base that is no longer the tip is rejected", async () => {
      const base = await land(here);
      await there.remote.fetch();
      const winner = await land(here);
      const loser = await boardCommit(there.objects, base);
      expect((await there.remote.push(base, loser)).kind).toBe("rejected");
      expect(await there.remote.knownTip()).toBe(base);
      expect(await there.remote.fetch()).toEqual({ kind: "tip", tip: winner });
    });

    test("a branch is created once", async () => {
      await land(here);
      const other = await boardCommit(there.objects, null);
      expect((await there.remote.push(null, other)).kind).toBe("rejected");
    });

    test("a branch that was deleted is not made again by a push on its old tip", async () => {
      const base = await land(here);
      const next = await boardCommit(here.objects, base);
      await branch.setTip(null);
      expect((await here.remote.push(base, next)).kind).toBe("rejected");
      expect(await there.remote.fetch()).toEqual({ kind: "absent" });
    });

    test("pushing what is the tip already says so, whatever the base", async () => {
      const base = await land(here);
      const commit = await boardCommit(here.objects, base);
      expect(await here.remote.push(base, commit)).toEqual({ kind: "landed" });
      expect(await here.remote.push(base, commit)).toEqual({ kind: "up_to_date" });
    });

    test("of many pushes on one base exactly one lands", async () => {
      const base = await land(here);
      await there.remote.fetch();
      const pushes = Array.from({ length: 8 }, async (_, index) => {
        const side = index % 2 === 0 ? here : there;
        const commit = await boardCommit(side.objects, base);
        return { commit, outcome: await side.remote.push(base, commit) };
      });
      const results = await Promise.all(pushes);
      const landed = results.filter(({ outcome }) => outcome.kind === "landed");
      const others = results.filter(({ outcome }) => outcome.kind !== "landed").map(({ outcome }) => outcome.kind);
      expect(landed).toHaveLength(1);
      for (const kind of others) expect(["rejected", "remote_rejected"]).toContain(kind);
      expect(await here.remote.fetch()).toEqual({ kind: "tip", tip: landed[0]?.commit });
    });

    test("many fetches of one clone at once all see the tip", async () => {
      const commit = await land(here);
      const fetched = await Promise.all(Array.from({ length: 6 }, () => there.remote.fetch()));
      for (const outcome of fetched) expect(outcome).toEqual({ kind: "tip", tip: commit });
    });

    test("the local tip is the later of what was pushed and what was fetched", async () => {
      await land(here);
      await there.remote.fetch();
      const fetched = await land(there);
      expect(await here.remote.fetch()).toEqual({ kind: "tip", tip: fetched });
      expect(await here.remote.knownTip()).toBe(fetched);
      const pushed = await land(here);
      expect(await here.remote.knownTip()).toBe(pushed);
    });

    test("a branch set back to what was fetched before the last push is an alarm", async () => {
      const fetched = await land(here);
      await here.remote.fetch();
      const pushed = await land(here);
      await branch.setTip(fetched);
      expect(await here.remote.fetch()).toEqual({ kind: "rewritten", known: pushed, remote: fetched });
    });

    test("a branch set back is an alarm, and the local tip stays", async () => {
      const first = await land(here);
      const second = await land(here);
      await branch.setTip(first);
      expect(await here.remote.fetch()).toEqual({ kind: "rewritten", known: second, remote: first });
      expect(await here.remote.knownTip()).toBe(second);
    });

    test("a branch replaced by another history is an alarm", async () => {
      const known = await land(here);
      await branch.setTip(null);
      const other = await land(there);
      expect(await here.remote.fetch()).toEqual({ kind: "rewritten", known, remote: other });
      expect(await here.remote.knownTip()).toBe(known);
    });

    test("a branch that has gone is an alarm to whoever saw it", async () => {
      const known = await land(here);
      await branch.setTip(null);
      expect(await here.remote.fetch()).toEqual({ kind: "rewritten", known, remote: null });
      expect(await here.remote.knownTip()).toBe(known);
    });

    test("without a connection nothing is sent, and nothing is taken for absent", async () => {
      const base = await land(here);
      const next = await boardCommit(here.objects, base);
      await branch.disconnect();
      expect((await here.remote.push(base, next)).kind).toBe("unsent");
      expect((await here.remote.fetch()).kind).toBe("unreachable");
      expect((await there.remote.fetch()).kind).toBe("unreachable");
      expect(await here.remote.knownTip()).toBe(base);
    });

    test("a push that was given up before it began was not sent", async () => {
      const commit = await boardCommit(here.objects, null);
      expect((await here.remote.push(null, commit, AbortSignal.abort())).kind).toBe("unsent");
      expect(await there.remote.fetch()).toEqual({ kind: "absent" });
    });
  });
}
