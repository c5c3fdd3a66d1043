import { Command, InvalidArgumentError, Option } from "commander";
import type { ModesTool } from "../../agents/modes/mode.ts";
import { UnusableFile } from "../../agents/ports.ts";
import type { ProfileSync } from "../../agents/profiles/sync.ts";
import { Reported } from "../exit.ts";
import type { Surroundings } from "../face.ts";
import { table } from "../render/table.ts";
import { showLocal } from "./local.ts";

export function profilesCommand(surroundings: Surroundings): Command[] {
  const command = new Command("profiles").description("VS Code profiles for many windows, and scripts that open them");
  return [command.addCommand(syncCommand(surroundings)).addCommand(launchersCommand(surroundings))];
}

const MOST = 999;

function readCount(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1) return Number(text);
  throw new InvalidArgumentError(`a whole number from 1 to ${MOST}`);
}

interface SyncOptions {
  readonly source: string;
  readonly count: number;
  readonly root?: string;
  readonly tool: ModesTool;
}

function syncCommand(surroundings: Surroundings): Command {
  return new Command("sync")
    .description("copy the modes of a file into N VS Code profiles, merged by slug")
    .requiredOption("--source <file>", "where the modes are, such as .roomodes")
    .requiredOption("--count <n>", "how many profiles: agent1 to agentN", readCount)
    .option(
      "--root <dir>",
      "the folder of the profiles (default: VsCodeAgents in your home, C:\\VsCodeAgents on Windows)",
    )
    .addOption(new Option("--tool <tool>", "whose profiles").choices(["roo", "zoo", "kilo"]).default("roo"))
    .action(({ source, count, root, tool }: SyncOptions, command: Command) =>
      showLocal(surroundings, command, async (workshop) => {
        const { syncProfiles } = await import("../../agents/profiles/sync.ts");
        const result = await syncProfiles(workshop, { source, count, root: root ?? null, tool });
        if (!result.ok) throw badSource(result.problems);
        const { profiles } = result;
        const failed = profiles.filter(({ change }) => change === "failed");
        const report = { json: { root: result.root, files: profiles }, text: table(profiles.map(row)) };
        const note = "changed modes take effect in a new task, not in a conversation that is under way";
        if (failed.length === 0) return { ...report, notes: [note] };
        const message = `${failed.length} of ${profiles.length} profiles could not be written and are as they were; the others are done`;
        const hint = "Mend what the table says of each, and run it again.";
        return { ...report, failure: { code: "environment" as const, message, hint } };
      }),
    );
}

function badSource(problems: readonly string[]): Reported {
  return new Reported({
    code: "usage",
    message: `no profile was touched, because the modes cannot be used:\n${problems.map((each) => `  ${each}`).join("\n")}`,
    hint: "One bad mode makes the extension drop its whole file: mend it and run it again.",
    data: { problems },
  });
}

function row(sync: ProfileSync): string[] {
  if (sync.change === "failed") return [sync.profile, "FAILED", sync.path ?? "", sync.problems.join("; ")];
  const parts = [
    ["added", sync.added],
    ["updated", sync.updated],
    ["kept", sync.kept],
  ] as const;
  const words = parts.filter(([, slugs]) => slugs.length > 0).map(([what, slugs]) => `${what} ${slugs.join(", ")}`);
  const migrated = sync.migrated === null ? [] : [`taken over from ${sync.migrated}`];
  return [sync.profile, sync.change, [...words, ...migrated].join("; ") || "nothing to do"];
}

interface LaunchersOptions {
  readonly workspace: string;
  readonly count: number;
  readonly out?: string;
  readonly root?: string;
  readonly worktrees?: boolean;
  readonly code: string;
  readonly extensionsDir?: string;
}

function launchersCommand(surroundings: Surroundings): Command {
  return new Command("launchers")
    .description("write scripts that open N windows, each with a VS Code profile and an orchestrator id of its own")
    .requiredOption("--workspace <dir>", "the folder that the windows open")
    .requiredOption("--count <n>", "how many: Launch-Agent-1 to -N", readCount)
    .option("--out <dir>", "where the scripts are written (default: here)")
    .option("--root <dir>", "the folder of the profiles, as for sync")
    .option("--worktrees", "give each agent a git worktree of its own, beside the workspace")
    .option("--code <command>", "the editor", "code")
    .option("--extensions-dir <dir>", "the editor's extensions (default: those that you have)")
    .action((options: LaunchersOptions, command: Command) =>
      showLocal(surroundings, command, async (workshop) => {
        const { writeLaunchers } = await import("../../agents/launchers/write.ts");
        const { workspace, count, out = null, root = null, worktrees = false } = options;
        const editor = { command: options.code, extensions: options.extensionsDir ?? null };
        const result = await writeLaunchers(workshop, { workspace, count, out, root, worktrees, editor }).catch(
          inWords,
        );
        if (!result.ok)
          throw new Reported({ code: "usage", message: result.problem, hint: "Name the folder with --workspace." });
        const made = result.worktrees.map(({ path, branch, created }) => [
          created ? "created" : "unchanged",
          path,
          `branch ${branch}`,
        ]);
        const agents = result.agents.map(({ number, id, workspace, profile }) => ({ number, id, workspace, profile }));
        return {
          json: { files: result.files, worktrees: result.worktrees, agents },
          text: table([...result.files.map(({ path, change }) => [change, path]), ...made]),
          notes: result.notes,
        };
      }),
    );
}

function inWords(error: unknown): never {
  if (!(error instanceof UnusableFile)) throw error;
  throw new Reported({
    code: "environment",
    message: `a script cannot be written: ${error.message}`,
    hint: "Name another folder with --out.",
  });
}
