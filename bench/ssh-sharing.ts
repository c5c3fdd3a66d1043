import { add, claim, init, join as joinBoard, openCoordination } from "git-coord";
import { makeClone } from "../test/support/clone.ts";
import { openSandbox } from "../test/support/sandbox.ts";
import { sshServer } from "../test/support/ssh-server.ts";
import { type Comparison, median, summarise, timed } from "./measure.ts";

const PAIRS = 15;
const WARM_UP = 3;

/** A claim in a warm process over ssh to this machine, with connections shared and not, in turn. */
export async function sshSharing(): Promise<Comparison> {
  const sandbox = await openSandbox();
  try {
    const [shared, alone] = [await claimer("true"), await claimer("false")];
    const ours: number[] = [];
    const bare: number[] = [];
    for (let pair = 0; pair < PAIRS + WARM_UP; pair += 1) {
      const [without, own] = [await timed(alone), await timed(shared)];
      if (pair < WARM_UP) continue;
      ours.push(own);
      bare.push(without);
    }
    return {
      name: "claim, warm, over ssh to this machine / the same with sharing off",
      ours: summarise(ours),
      bare: summarise(bare),
      ratio: median(ours.map((own, pair) => own / (bare[pair] ?? Number.NaN))),
      limit: 0.5,
      processes: {},
    };
  } finally {
    await sandbox.dispose();
  }

  /** A clone of a server of its own. @returns what claims one task */
  async function claimer(sharing: "true" | "false"): Promise<() => Promise<void>> {
    // Nothing between ssh and git.
    const server = await sshServer(sandbox, "ForceCommand none");
    const clone = await makeClone(sandbox, server);
    await clone.git("config", "coord.sshSharing", sharing);
    const env = { ...sandbox.env, ...server.plainEnv };
    const coordination = await openCoordination({ cwd: clone.path, env, as: "bench" });
    await init(coordination);
    await joinBoard(coordination);
    for (let task = 0; task < PAIRS + WARM_UP; task += 1) await add(coordination, { title: `Task ${task}` });
    return async () => {
      const outcome = await claim(coordination);
      if (!outcome.ok) throw new Error(`the claim was not granted: ${JSON.stringify(outcome.failure)}`);
    };
  }
}
