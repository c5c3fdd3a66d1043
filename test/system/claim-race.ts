import { expect, test } from "vitest";
import { systemClock } from "../../src/git/system.ts";
import type { RemoteServer } from "../support/remote-server.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { testSandbox } from "../support/test-sandbox.ts";
import { race } from "./support/command.ts";
import { assemble, taskId } from "./support/fleet.ts";
import { frozenClock } from "./support/frozen-clock.ts";
import { freshHistory } from "./support/history.ts";
import { allow } from "./support/scale.ts";

export interface Race {
  readonly server: (sandbox: Sandbox) => Promise<RemoteServer>;
  readonly rounds: number;
  /** How many processes there are. */
  readonly runners: number;
  /** Windows of one clone instead of a clone for each. */
  readonly oneClone?: boolean;
  /** Every clock stands still at this moment. */
  readonly frozenAt?: number;
}

/** Processes claim one task at the same moment, round after round. All know the tip when they start. */
export function claimRace(
  where: string,
  { server: makeServer, rounds, runners, oneClone = false, frozenAt }: Race,
): void {
  test(
    `${runners} processes ${where} claim one task: one exit 0, the others exit 3 and name the winner (${rounds} rounds)`,
    async () => {
      const sandbox = await testSandbox();
      const server = await makeServer(sandbox);
      const clock = frozenAt === undefined ? systemClock : { ...systemClock, wall: () => frozenAt };
      const env = frozenAt === undefined ? {} : await frozenClock(frozenAt);
      const windows = await assemble(sandbox, server, { windows: runners, oneClone, tasks: rounds, clock });

      const winners = new Map<string, { actor: string; commit: string }>();
      for (let round = 1; round <= rounds; round += 1) {
        const task = taskId(round);
        const ends = await race(
          sandbox,
          windows.map((window) => ({ window, args: ["claim", task, "--json"] })),
          env,
        );
        const results = ends.map((end, each) => ({ id: windows[each]?.id ?? "", exit: end.exit, json: end.json }));
        const won = results.filter(({ exit }) => exit === 0);
        const lost = results.filter(({ exit }) => exit === 3);
        expect({ won: won.length, lost: lost.length }, JSON.stringify(results)).toEqual({ won: 1, lost: runners - 1 });
        const winner = won[0] as (typeof won)[0];
        expect(winner.json).toMatchObject({ ok: true, changed: true, task: { id: task, claimedBy: winner.id } });
        for (const { json } of lost) {
          expect(json).toMatchObject({ ok: false, code: "held", resource: `task:${task}`, holder: winner.id });
          expect(json.message).toContain(winner.id);
        }
        winners.set(`task:${task}`, { actor: winner.id, commit: winner.json.commit });
      }

      const { links } = await freshHistory(sandbox, server);
      const claims = links.filter(({ op }) => op === "claim");
      expect(claims.map(({ resources, actor, commit }) => [resources[0], { actor, commit }])).toEqual([...winners]);
      expect(new Set(links.map(({ opId }) => opId)).size).toBe(links.length);
      if (frozenAt !== undefined) {
        expect(new Set(links.map(({ committedAt }) => committedAt))).toEqual(new Set([Math.floor(frozenAt / 1000)]));
      }
    },
    allow(rounds),
  );
}
