import type { SettingRow } from "../domain/board.ts";
import { listSettings } from "../domain/settings.ts";
import { ask, type Granted } from "./ask.ts";
import type { Coordination } from "./coordination.ts";
import { done, type Outcome } from "./outcome.ts";
import { readBoard } from "./read.ts";

export interface SettingLine extends SettingRow {
  readonly meaning: string;
}

/** All settings in force, defaults included, with what they mean. */
export async function settings(coordination: Coordination): Promise<Outcome<readonly SettingLine[]>> {
  const { tip, notices } = await readBoard(coordination);
  return done(listSettings(tip.board), tip, notices);
}

/** Changes one setting. Refused with `no_such_setting` or `bad_setting`. */
export function configure(coordination: Coordination, name: string, value: string): Promise<Outcome<Granted<"set">>> {
  return ask<"set">(coordination, { op: "set", name, value });
}
