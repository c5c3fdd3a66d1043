import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../support/sandbox.ts";
import type { Start } from "./command.ts";

const KILL_HOLDER = fileURLToPath(new URL("./kill-holder.mjs", import.meta.url));

/** When a holder of the machine's lock is to die. */
export interface Order {
  /** Right before its so-manieth step; 0: before it takes the lock. */
  readonly step?: number;
  /** Or right before the first step that reads like this. */
  readonly before?: string;
  /** How many others have to wait before it goes on, at least one. */
  readonly company: number;
  /** How long a push that was started goes on before its process dies: milliseconds. */
  readonly linger: number;
}

/** What became of one order. */
export interface Note {
  /** Its place among those that were given with it. */
  readonly place: number;
  readonly how: "killed" | "lived";
  /** How many steps it has come, and the one before which it died. */
  readonly steps: number;
  readonly step: string;
  /** Others whose jobs were there when it took the lock. */
  readonly company: number;
  /** Whether it held the lock at that moment. */
  readonly isHolder: boolean;
}

/** Orders to die, for those who take the machine's lock while others wait. */
export interface Orders {
  /** How to start a process that draws them. */
  readonly how: Required<Pick<Start, "node" | "env">>;
  /** Each is drawn once, in this order. */
  give(orders: readonly Order[]): Promise<void>;
  /** From now on nobody dies of what is left. Returns what became of the others since the last time. */
  withdraw(): Promise<readonly Note[]>;
}

export async function giveOrders(sandbox: Sandbox): Promise<Orders> {
  const folder = await mkdtemp(join(sandbox.path, "orders-"));
  let given: readonly string[] = [];
  let known = 0;
  return {
    how: { node: ["--import", KILL_HOLDER], env: { ORDERS: folder } },
    async give(orders) {
      given = orders.map((_, place) => join(folder, `order-${place}`));
      await Promise.all(
        orders.map((order, place) => writeFile(given[place] ?? "", JSON.stringify({ ...order, place }))),
      );
    },
    async withdraw() {
      await Promise.all(given.map((order) => rm(order, { force: true })));
      const lines = (await readFile(join(folder, "told"), "utf8")).split("\n").filter(Boolean);
      const fresh = lines.slice(known).map((line) => JSON.parse(line) as Note);
      known = lines.length;
      return fresh;
    },
  };
}
