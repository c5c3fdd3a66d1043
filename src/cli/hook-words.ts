import type { RefUpdate, Remark, Ruling } from "../app/hooks.ts";
import { formatInstant, type Instant } from "../domain/instant.ts";
import { printable } from "../domain/printable.ts";
import { deadline } from "./render/time.ts";

const NULL = /^0+$/;

const oidOrNull = (text: string): string | null => (NULL.test(text) ? null : text);

/** What git tells a hook on standard input: one line for each ref. */
export function readUpdates(hook: "pre-push" | "pre-receive", input: string): readonly RefUpdate[] {
  const lines = input.split("\n").filter(Boolean);
  return lines.map((line) => {
    const fields = line.split(" ");
    // What a push was asked for comes first, in its user's words, which may have blanks: `:/fix the door`.
    const [next = "", ref = "", old = ""] =
      hook === "pre-push" ? fields.slice(-3) : [fields[1], fields.slice(2).join(" "), fields[0]];
    return { ref, old: oidOrNull(old), new: oidOrNull(next) };
  });
}

/** How many remarks are shown: a push of a thousand commits may meet the same lease a thousand times. */
const SHOWN = 20;

/** What a person reads when a hook has something to say; nothing when it has not. */
export function rulingWords(hook: string, { pass, remarks }: Ruling, now: Instant): string {
  const lines = [...new Set(remarks.map((remark) => remarkLine(remark, now)))];
  if (lines.length === 0) return pass ? "" : `git-coord: this ${NOUN[hook] ?? "push"} is refused\n`;
  const head = pass ? "note" : "refused";
  const shown = lines.slice(0, SHOWN).map((line) => `git-coord: ${head}: ${line}\n`);
  const more = lines.length > SHOWN ? [`git-coord: and ${lines.length - SHOWN} more\n`] : [];
  const hints = [...new Set(remarks.map((remark) => hintOf(remark, pass)))].filter(Boolean);
  return [...shown, ...more, ...hints.map((hint) => `hint: ${hint}\n`)].join("");
}

const NOUN: Readonly<Record<string, string>> = { "pre-commit": "commit" };

const short = (oid: string): string => oid.slice(0, 12);

function remarkLine(remark: Remark, now: Instant): string {
  switch (remark.kind) {
    case "held": {
      const { path, resource, holder, until, commit, by } = remark;
      const through = resource === `file:${path}` ? "" : ` through ${printable(resource)}`;
      const whose = commit === null ? "" : ` (commit ${short(commit)}${by === null ? "" : ` by ${printable(by)}`})`;
      return `${printable(path)} is held by ${printable(holder)}${through} until ${deadline(until, now)}${whose}`;
    }
    case "no_identity":
      return remark.commit === null
        ? "this board wants to know who commits"
        : `commit ${short(remark.commit)} has no Coord-Id: this board wants to know who commits`;
    case "stale_fence":
      return `the fence ${printable(remark.fence)} of COORD_FENCE is not current: the lease that it stands for was lost`;
    case "finding": {
      const { commit, code, message, actor } = remark.finding;
      return `commit ${short(commit)} by ${printable(actor)}: ${code}: ${message.split("\n").map(printable).join("; ")}`;
    }
    case "too_early": {
      const until = remark.until === null ? "without an end" : `until ${formatInstant(remark.until)}`;
      return `commit ${short(remark.commit)} takes ${printable(remark.resource)} from ${printable(remark.holder)}, whose it is ${until}; here it is ${formatInstant(remark.now)}`;
    }
    case "wrong_clock":
      return `commit ${short(remark.commit)} is dated ${formatInstant(remark.at)}, but here it is ${formatInstant(remark.now)}`;
    case "branch_deleted":
      return `the branch ${printable(remark.branch)} is the record of who held what: it cannot be deleted`;
    case "branch_rewritten":
      return `the branch ${printable(remark.branch)} only moves forward: what is pushed does not stand on ${short(remark.old)}`;
    case "unsure":
      return printable(remark.why);
  }
}

function hintOf(remark: Remark, pass: boolean): string {
  switch (remark.kind) {
    case "held":
      return pass
        ? "Tell the holder before you go on. With an id of your own (`git coord join`) this would be refused."
        : "Wait, or ask the holder; `git coord status` shows who holds what, `git coord lock -f PATH` takes what is free.";
    case "no_identity":
      return "Run `git coord join --remember`, or set COORD_ID; then commit again.";
    case "stale_fence":
      return "Stop the work that relied on it. Take the lock again, check what others did meanwhile, then push.";
    case "finding":
      return pass ? "" : "Make the change with `git coord`, or as a hand edit of the board without trailers.";
    case "too_early":
      return "Ask again when it is over.";
    case "wrong_clock":
      return "Set this machine's clock (NTP), then run the command again.";
    case "branch_deleted":
    case "branch_rewritten":
      return "Fetch, and make the change on the branch's tip.";
    case "unsure":
      return "`git coord doctor` looks closer. The setting `When unsure`, or git's coord.whenUnsure, says what happens then.";
  }
}
