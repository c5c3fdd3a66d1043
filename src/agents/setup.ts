import { createTwoFilesPatch } from "diff";
import { renderInstructions } from "./instructions.ts";
import { UnusableFile, type Workshop } from "./ports.ts";
import { TOOLS, type Tool, type ToolName } from "./tools.ts";

export interface SetupWish {
  readonly tools: readonly ToolName[];
  /** Take our part out again instead of putting it in. */
  readonly remove: boolean;
  /** Change nothing. */
  readonly dryRun: boolean;
}

export interface FileChange {
  /** Relative to the project's root. */
  readonly path: string;
  readonly change: "created" | "updated" | "removed" | "unchanged";
  /** Unified; empty when nothing changes. */
  readonly diff: string;
}

export interface FileProblem {
  readonly path: string;
  readonly line: number | null;
  readonly problem: string;
}

export type SetupResult =
  | {
      readonly ok: true;
      readonly root: string;
      readonly files: readonly FileChange[];
      readonly notes: readonly string[];
    }
  /** At least one file cannot be edited: then none was touched. */
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

interface Draft {
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Writes what agent tools read in the project around the workshop's folder: instructions between marked lines and
 * the registration of the MCP server. All files or none; running it again changes nothing.
 * @throws GitFailure when there is no project; a node error when the disk fails halfway
 */
export async function setUpAgents(workshop: Workshop, wish: SetupWish): Promise<SetupResult> {
  const root = await workshop.projectRoot();
  const instructions = renderInstructions(await workshop.instructions());
  const drafts = new Map<string, Draft>();
  const problems: FileProblem[] = [];
  const look = (path: string) => workshop.files.kind(`${root}/${path}`);
  for (const name of wish.tools) {
    const tool: Tool = TOOLS[name];
    for (const { path, put, take } of await tool.targets(look, instructions)) {
      try {
        const draft = drafts.get(path) ?? (await firstDraft(workshop, root, path));
        const edited = (wish.remove ? take : put)(draft.after);
        if (!edited.ok) problems.push({ path, line: edited.line, problem: edited.problem });
        else drafts.set(path, { before: draft.before, after: edited.text });
        if (edited.ok && edited.text !== draft.before) await workshop.files.checkWritable(`${root}/${path}`);
      } catch (error) {
        if (!(error instanceof UnusableFile)) throw error;
        problems.push({ path, line: null, problem: error.message });
      }
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  if (!wish.dryRun) await save(workshop, root, drafts);
  const notes = wish.remove ? [] : wish.tools.flatMap((name) => noteOf(TOOLS[name]));
  return { ok: true, root, files: [...drafts].map(([path, draft]) => describe(path, draft)), notes };
}

async function firstDraft({ files }: Workshop, root: string, path: string): Promise<Draft> {
  const before = await files.read(`${root}/${path}`);
  return { before, after: before };
}

async function save({ files }: Workshop, root: string, drafts: ReadonlyMap<string, Draft>): Promise<void> {
  for (const [path, { before, after }] of drafts) {
    if (after === before) continue;
    if (after === null) await files.remove(`${root}/${path}`, root);
    else await files.write(`${root}/${path}`, after);
  }
}

function describe(path: string, { before, after }: Draft): FileChange {
  if (before === after) return { path, change: "unchanged", diff: "" };
  const change = before === null ? "created" : after === null ? "removed" : "updated";
  const name = (side: string, text: string | null) => (text === null ? "/dev/null" : `${side}/${path}`);
  const diff = createTwoFilesPatch(
    name("a", before),
    name("b", after),
    before ?? "",
    after ?? "",
    undefined,
    undefined,
    { context: 3 },
  );
  return { path, change, diff: diff.replace(/^=+\n/, "") };
}

const noteOf = ({ note }: Tool): readonly string[] => (note === undefined ? [] : [note]);
