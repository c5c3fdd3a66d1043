import { basename, dirname, join, resolve } from "node:path";
import type { TextFiles, Workshop, Worktree } from "../ports.ts";
import { defaultRoot, profileName } from "../profiles/place.ts";
import { type Agent, type AgentPattern, type Editor, fill, idPattern } from "./agent.ts";
import { batchScript, batchScriptForAny } from "./batch.ts";
import { powershellScript, powershellScriptForAny } from "./powershell.ts";
import { shellScript, shellScriptForAny } from "./shell.ts";

export interface LaunchersWish {
  readonly workspace: string;
  readonly count: number;
  /** Where the scripts are written; null: where the command was started. */
  readonly out: string | null;
  /** Where the profiles are; null: the usual place. */
  readonly root: string | null;
  readonly worktrees: boolean;
  readonly editor: Editor;
}

export interface WrittenScript {
  readonly path: string;
  readonly change: "created" | "updated" | "unchanged";
}

export type LaunchersResult =
  | {
      readonly ok: true;
      readonly files: readonly WrittenScript[];
      readonly worktrees: readonly Worktree[];
      readonly agents: readonly Agent[];
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

/**
 * Writes `Launch-Agent-1` to `-N` and the generic `Launch-Agent`, each for sh, cmd and PowerShell. Running it again
 * changes nothing; worktrees that are there are kept as they are.
 * @throws GitFailure when a worktree cannot be made; UnusableFile or a node error when a script cannot be written
 */
export async function writeLaunchers(workshop: Workshop, wish: LaunchersWish): Promise<LaunchersResult> {
  const { files, folder } = workshop;
  const workspace = withoutSlash(resolve(folder, wish.workspace));
  if ((await files.kind(workspace)) !== "folder") return { ok: false, problem: `there is no folder ${workspace}` };
  const root = withoutSlash(resolve(folder, wish.root ?? defaultRoot(workshop.platform, workshop.home)));
  const pattern = patternFor(workshop, workspace, root, wish.worktrees);
  const agents = Array.from({ length: wish.count }, (_, index) => agentOf(pattern, index + 1));
  const worktrees: Worktree[] = [];
  if (wish.worktrees) {
    for (const { number, workspace: path, id } of agents) {
      worktrees.push(await workshop.worktree(workspace, path, profileName(number), id));
    }
  }
  const written: WrittenScript[] = [];
  for (const { name, text, executable } of scripts(agents, pattern, wish.editor)) {
    written.push(await writeScript(files, join(resolve(folder, wish.out ?? "."), name), text, executable));
  }
  return { ok: true, files: written, worktrees, agents, notes: notesFor(workshop, agents) };
}

/** Editors put a socket into their user-data folder, and the system allows its path 103 characters. */
const LONGEST_PROFILE = 103 - "/9.99-main.sock".length;

function notesFor({ platform }: Workshop, agents: readonly Agent[]): readonly string[] {
  const long = agents.filter(({ profile }) => Buffer.byteLength(profile) > LONGEST_PROFILE);
  if (platform === "win32" || long.length === 0) return [];
  return [`${long[0]?.profile} is so long a path that VS Code may not start there: name a shorter --root`];
}

function patternFor({ host }: Workshop, workspace: string, root: string, worktrees: boolean): AgentPattern {
  const name = profileName(0).slice(0, -1);
  return {
    profile: { before: join(root, name), after: "" },
    workspace: worktrees
      ? { before: join(dirname(workspace), `${basename(workspace)}-agents`, name), after: "" }
      : { before: workspace, after: null },
    id: idPattern(host, workspace),
  };
}

function agentOf({ profile, workspace, id }: AgentPattern, number: number): Agent {
  return { number, profile: fill(profile, number), workspace: fill(workspace, number), id: fill(id, number) };
}

function* scripts(agents: readonly Agent[], pattern: AgentPattern, editor: Editor) {
  for (const agent of agents) {
    const name = `Launch-Agent-${agent.number}`;
    yield { name: `${name}.sh`, text: shellScript(agent, editor), executable: true };
    yield { name: `${name}.bat`, text: batchScript(agent, editor), executable: false };
    yield { name: `${name}.ps1`, text: powershellScript(agent, editor), executable: false };
  }
  yield { name: "Launch-Agent.sh", text: shellScriptForAny(pattern, editor), executable: true };
  yield { name: "Launch-Agent.bat", text: batchScriptForAny(pattern, editor), executable: false };
  yield { name: "Launch-Agent.ps1", text: powershellScriptForAny(pattern, editor), executable: false };
}

async function writeScript(files: TextFiles, path: string, text: string, executable: boolean): Promise<WrittenScript> {
  const before = await files.read(path);
  if (before === text) return { path, change: "unchanged" };
  await files.write(path, text, { executable });
  return { path, change: before === null ? "created" : "updated" };
}

/** Before a closing quote a backslash would be read as part of it. */
const withoutSlash = (path: string): string =>
  /^[A-Za-z]:\\$/.test(path) ? `${path}.` : path.replace(/(?<=.)[\\/]+$/, "");
