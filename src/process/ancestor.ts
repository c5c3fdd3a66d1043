import { readFileSync } from "node:fs";
import { basename } from "node:path";

interface Ancestor {
  readonly parent: number;
  readonly command: readonly string[];
}

/**
 * The process that a command was really run for: the one above `git`, above shells that live for one command
 * only (`sh -c …`, `$(…)`), and so the terminal's shell, the editor or the agent. Where there is no /proc,
 * the parent.
 */
export function longLivedParent(parent = process.ppid, read = readProcess): number {
  let pid = parent;
  for (;;) {
    const here = read(pid);
    if (here === null || here.parent <= 1) return pid;
    const [program = "", option = ""] = here.command;
    const name = basename(program).replace(/^-/, "");
    const isShell = /^(ba|da|z|k|fi|a)?sh$/.test(name);
    const above = read(here.parent);
    // A shell's copy of itself, for a command in `$(…)` or parentheses.
    const isCopy = isShell && above !== null && above.command.join("\0") === here.command.join("\0");
    const isPassing = name === "git" || name === "npx" || name === "env" || (isShell && /^-[a-z]*c/.test(option));
    if (!isPassing && !isCopy) return pid;
    pid = here.parent;
  }
}

function readProcess(pid: number): Ancestor | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") };
  } catch {
    return null;
  }
}
