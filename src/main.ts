/** The program: gives the command line its process. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { CommonOptions, Surroundings } from "./cli/face.ts";
import { runCli } from "./cli/program.ts";
import { openCoordination } from "./composition.ts";
import { runEditor } from "./git/editor.ts";

declare const GIT_COORD_VERSION: string;

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // Once: a second signal ends the process as usual, and the next command settles what was under way.
  process.once(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
}

// A reader that went away (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const folderOf = ({ C = [] }: CommonOptions): string => resolve(...C);

const surroundings: Surroundings = {
  out: (data) => process.stdout.write(data),
  err: (message) => process.stderr.write(message),
  now: () => Date.now(),
  open: (options) =>
    openCoordination({
      cwd: folderOf(options),
      remote: options.remote ?? null,
      branch: options.branch ?? null,
      as: options.as ?? null,
      signal: interrupt.signal,
    }),
  readFile: (path, options) => (path === "-" ? text(process.stdin) : readFile(resolve(folderOf(options), path), "utf8")),
  edit: editText,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

async function editText(before: string, options: CommonOptions) {
  const folder = await mkdtemp(join(tmpdir(), "git-coord-"));
  const path = join(folder, "master_coordination.md");
  await writeFile(path, before);
  await runEditor(folderOf(options), path, process.env);
  const after = await readFile(path, "utf8");
  return { text: after, path, discard: () => rm(folder, { recursive: true }) };
}

await runCli(surroundings, GIT_COORD_VERSION, process.argv.slice(2));
