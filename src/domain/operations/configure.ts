import type { Board } from "../board.ts";
import type { Actor, Configure } from "../request.ts";
import { SETTINGS, settingNamed, settingProblem, settingText, withSetting } from "../settings.ts";
import type { Context, Verdict } from "../verdict.ts";
import { signOfLifeIfKnown } from "./presence.ts";

/** Changes one setting of the board. */
export function configure(board: Board, actor: Actor, wish: Configure, context: Context): Verdict {
  const presence = signOfLifeIfKnown(board, actor, context);
  if (!presence.ok) return { kind: "refused", refusal: presence.refusal };
  const key = settingNamed(wish.name);
  if (key === null) return { kind: "refused", refusal: { kind: "no_such_setting", name: wish.name } };
  const setting = { name: SETTINGS[key].name, value: wish.value.trim().toLowerCase() };
  const expected = settingProblem(key, setting.value);
  if (expected !== null) return { kind: "refused", refusal: { kind: "bad_setting", ...setting, expected } };
  if (settingText(board, setting.name) === setting.value) {
    return { kind: "unchanged", grant: { op: "set", setting } };
  }
  const settings = withSetting(presence.board.settings, setting.name, setting.value);
  return {
    kind: "granted",
    board: { ...presence.board, settings },
    grant: { op: "set", setting },
    evidence: presence.evidence,
    archived: [],
  };
}
