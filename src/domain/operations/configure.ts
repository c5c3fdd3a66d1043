import type { Board, LockDeclaration } from "../board.ts";
import { crowded } from "../consistency.ts";
import { idKey } from "../identifier.ts";
import { lockOfSetting, ruleOf } from "../lock-rule.ts";
import type { Actor, Configure } from "../request.ts";
import { BUILD } from "../resource.ts";
import { isWritten, readSetting, withSetting } from "../settings.ts";
import type { Context, Verdict } from "../verdict.ts";
import { signOfLifeIfKnown } from "./presence.ts";

/**
 * Changes one setting of the board, or declares a named lock (`lock:gpu`). A rule that fewer may hold than hold
 * it now is refused: such a board would contradict itself.
 */
export function configure(board: Board, actor: Actor, wish: Configure, context: Context): Verdict {
  const presence = signOfLifeIfKnown(board, actor, context);
  if (!presence.ok) return { kind: "refused", refusal: presence.refusal };
  const reading = readSetting(wish.name, wish.value);
  if (reading === null) return { kind: "refused", refusal: { kind: "no_such_setting", name: wish.name } };
  const { setting } = reading;
  const refuse = (expected: string): Verdict => ({
    kind: "refused",
    refusal: { kind: "bad_setting", ...setting, expected },
  });
  if (!reading.ok) return refuse(reading.expected);
  if (isWritten(board, setting)) {
    return { kind: "unchanged", grant: { op: "set", setting } };
  }
  const settings = withSetting(presence.board.settings, setting.name, setting.value);
  const next = declare({ ...presence.board, settings }, setting.name);
  const [holds] = crowded(next);
  if (holds) return refuse(`room for all who hold it now: ${holds.holders.join(", ")}`);
  return { kind: "granted", board: next, grant: { op: "set", setting }, evidence: presence.evidence, archived: [] };
}

/** A lock that is declared has its row in Named Locks, also while it is free. The build lock has a section of its own. */
function declare(board: Board, setting: string): Board {
  const lock = lockOfSetting(setting);
  if (lock === null || lock === BUILD) return board;
  const { slots } = ruleOf(board, lock);
  const old = board.locks.find(({ name }) => idKey(name) === idKey(lock.name));
  const spelt = board.leases.find(
    ({ resource }) => resource.kind === "lock" && idKey(resource.name) === idKey(lock.name),
  );
  const declared: LockDeclaration = { name: old?.name ?? spelt?.resource.name ?? lock.name, slots };
  return {
    ...board,
    locks: old ? board.locks.map((each) => (each === old ? declared : each)) : [...board.locks, declared],
  };
}
