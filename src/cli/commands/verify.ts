import { Command } from "commander";
import { type Finding, type Verification, verify } from "../../app/history.ts";
import { formatInstant } from "../../domain/instant.ts";
import { printable } from "../../domain/printable.ts";
import { EXIT } from "../exit.ts";
import { type CommonOptions, document, guarded, type Surroundings, showFailure } from "../face.ts";
import { isoTime } from "../render/time.ts";
import { reportFailure } from "../words.ts";

export function verifyCommand(surroundings: Surroundings): Command {
  return new Command("verify")
    .description("replay the history, from where it was verified last; exit 8 when something is found")
    .option("--full", "from the root, whatever was verified before")
    .option("--errors-only", "warnings, such as leases changed by hand, do not count for the exit code")
    .action((options: { full?: boolean; errorsOnly?: boolean }, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      return guarded(surroundings, common.json === true, async () => {
        const outcome = await verify(await surroundings.open(common), options);
        if (!outcome.ok)
          return showFailure(surroundings, common.json === true, reportFailure(outcome.failure, surroundings.now()));
        const { value, seq, commit } = outcome;
        const ok = value.findings.every(({ severity }) => options.errorsOnly === true && severity === "warning");
        if (!ok) surroundings.setExitCode(EXIT.bad_board);
        if (common.json) {
          const found = { code: "bad_board", message: countWords(value), hint: HINT };
          return surroundings.out(document({ ok, ...(ok ? {} : found), seq, commit, ...json(value) }));
        }
        for (const finding of value.findings) surroundings.out(findingText(finding));
        for (const line of editLines(value)) surroundings.out(line);
        surroundings.err(`${countWords(value)}\n`);
        if (!ok) surroundings.err(`hint: ${HINT}\n`);
      });
    });
}

const HINT = "`git show COMMIT` shows each of them; ask its author. `git coord log` tells what came before.";

function countWords({ commits, replayed, findings }: Verification): string {
  const before = commits - replayed;
  const known = before === 0 ? "" : ` (${before} of them verified before)`;
  const found = findings.length === 0 ? "nothing was found" : `${findings.length} finding(s)`;
  return `${commits} commits${known}: ${found}`;
}

function json({ commits, replayed, findings, edits }: Verification) {
  return {
    commits,
    replayed,
    findings: findings.map(({ at, refusal, ...finding }) => ({
      ...finding,
      at: isoTime(at),
      refusal: refusal?.kind ?? null,
    })),
    edits: edits.map(({ at, ...edit }) => ({ ...edit, at: isoTime(at) })),
  };
}

function findingText({ code, severity, commit, seq, at, actor, message }: Finding): string {
  const place = `${severity}  ${code}  commit ${commit.slice(0, 12)} (seq ${seq}, ${formatInstant(at)}, ${printable(actor)})`;
  const lines = message.split("\n").map(printable).join("\n    ");
  return `${place}\n    ${lines}\n`;
}

function editLines({ edits }: Verification): string[] {
  return edits.map(({ commit, at, author, changes }) => {
    const what = changes.map(({ change, what, name }) => `${what} ${name} ${change}`).join(", ") || "prose only";
    return `edit  by hand  commit ${commit.slice(0, 12)} (${formatInstant(at)}, ${printable(author)}): ${printable(what)}\n`;
  });
}
