import { constants } from "node:os";
import { Command } from "commander";
import { type Run, run } from "../../app/run.ts";
import { printable } from "../../domain/printable.ts";
import { formatResource } from "../../domain/resource.ts";
import { reportException } from "../environment-words.ts";
import type { FailureReport } from "../exit.ts";
import { type CommonOptions, guarded, type Surroundings, showFailure, showNotices } from "../face.ts";
import { isoTime } from "../render/time.ts";
import { waitingView } from "../render/waiting.ts";
import { reportFailure } from "../words.ts";
import { collect } from "./tasks.ts";

interface Options {
  readonly file?: string[];
  readonly wait?: string;
  readonly ttl?: string;
  readonly reason?: string;
  readonly conflictExitCode?: string;
}

/** @param args the whole command line: commander does not tell what stood behind `--` */
export function runCommand(surroundings: Surroundings, args: readonly string[]): Command[] {
  const command = new Command("run")
    .description("run a command while holding locks and files; they are given back in every ending")
    .usage("[options] [names...] -- <command...>")
    .argument("[names...]", "named locks; the command stands behind --")
    .option("-f, --file <path>", "a file, or a directory as dir/ (repeat)", collect)
    .option("--wait <duration>", "wait in line so long, first come first served")
    .option("--ttl <duration>", "how long a lease lasts without a renewal (default: from the board's settings)")
    .option("--reason <text>", "shown to whoever wants it too")
    .option("-E, --conflict-exit-code <n>", "the exit code when the locks could not be had (default 3)")
    .action(async (operands: string[], options: Options, command: Command) => {
      const start = args.indexOf("--");
      const line = start === -1 ? [] : args.slice(start + 1);
      if (line.length === 0) command.error("error: name a command behind --, as in `git coord run build -- make`");
      const code = options.conflictExitCode;
      if (code !== undefined && !(/^\d{1,3}$/.test(code) && Number(code) <= 255)) {
        command.error(`error: "${code}" is no exit code; give a number from 0 to 255`);
      }
      const names = operands.slice(0, operands.length - line.length);
      await runUnderLocks(surroundings, command, names, line, options);
    });
  return [command];
}

function runUnderLocks(
  surroundings: Surroundings,
  command: Command,
  locks: readonly string[],
  line: readonly string[],
  { file = [], wait, ttl, reason, conflictExitCode }: Options,
): Promise<void> {
  const common = command.optsWithGlobals<CommonOptions>();
  const json = common.json === true;
  return guarded(surroundings, json, async () => {
    const launcher = surroundings.launcher(common);
    const { err, now, isTerminal, setExitCode } = surroundings;
    const view = waitingView(err, now, { isTerminal, quiet: json });
    try {
      const coordination = await surroundings.open(common);
      const wish = { locks, files: file, wait: wait ?? null, ttl: ttl ?? null, reason: reason ?? null, command: line };
      const outcome = await run(coordination, wish, launcher, view.show);
      view.end();
      if (outcome.ok) {
        if (!json) showNotices(surroundings, outcome.notices);
        return tell(surroundings, json, outcome.value);
      }
      const report = reportFailure(outcome.failure, now());
      showFailure(surroundings, json, report, { seq: outcome.seq, commit: outcome.commit }, outcome.notices);
      const isHeld = outcome.failure.kind === "refused" && outcome.failure.refusal.kind === "held";
      if (isHeld && conflictExitCode !== undefined) setExitCode(Number(conflictExitCode));
      const signal = surroundings.interruptedBy();
      if (isHeld && signal !== null) setExitCode(exitOf(signal));
    } finally {
      view.end();
      await launcher.close();
    }
  });
}

/** As shells have it for what a signal ended. */
const exitOf = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0);

function tell(surroundings: Surroundings, json: boolean, value: Run): void {
  const { err, setExitCode } = surroundings;
  switch (value.kind) {
    case "not_started":
      showFailure(surroundings, json, notStartedReport(value));
      setExitCode(value.exitCode);
      break;
    case "lost":
      showFailure(surroundings, json, lossReport(value));
      break;
    case "ended":
      if (value.kept !== null)
        err(`note: what was locked could not be given back and ends by itself: ${whyKept(value.kept)}\n`);
      setExitCode(value.end.signal === null ? (value.end.code ?? 1) : exitOf(value.end.signal));
      break;
  }
}

/** The exit code is that of a shell, as it is when the command itself starts something that is not there. */
function notStartedReport({ exitCode, message }: Extract<Run, { kind: "not_started" }>): FailureReport {
  const hint =
    "The locks are free again. What stands behind -- is run as it is, without a shell: `-- sh -c '…'` uses one.";
  return { code: exitCode === 127 ? "not_found" : "usage", message, hint };
}

function whyKept(problem: unknown): string {
  const words = reportException(problem)?.message ?? String(problem);
  return words.split("\n").map(printable).join("\n");
}

function lossReport({ loss }: Extract<Run, { kind: "lost" }>): FailureReport {
  const resource = formatResource(loss.resource);
  const hint = "What the command did last may collide with others: look before you rely on it, then run it again.";
  if (loss.kind === "expiring") {
    const why = loss.problem === null ? "" : `: ${reportException(loss.problem)?.message ?? String(loss.problem)}`;
    const message = `the lease on ${resource} could not be renewed in time, so the command was ended before it ran out${why}`;
    return { code: "lost", message, hint, data: { resource, holder: null, since: null, expires: null } };
  }
  const whose = loss.now ? `${loss.now.holder} holds it now` : "nobody holds it now";
  return {
    code: "lost",
    message: `the lease on ${resource} was lost while the command ran (${whose}), so the command was ended`,
    hint,
    data: {
      resource,
      holder: loss.now?.holder ?? null,
      since: isoTime(loss.now?.since ?? null),
      expires: isoTime(loss.now?.expires ?? null),
    },
  };
}
