import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { GitFailure } from "./errors.ts";

export interface FoundObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

interface Waiting {
  readonly resolve: (found: FoundObject | null) => void;
  readonly reject: (error: Error) => void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One `git cat-file --batch` that answers any number of questions. Started here and not through `run.ts`, which
 * waits for the end of a process before it hands out its output.
 */
export class ObjectPipe {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #buffer = NOTHING;
  #words = "";

  /** @param args what stands before `cat-file`: `--git-dir=…` */
  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn("git", [...args, "cat-file", "--batch"], { cwd, env });
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#words += text;
    });
    // A git that has ended leaves the questions that it did not answer.
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", () => this.#fail());
    this.#child.on("close", () => this.#fail());
  }

  /**
   * An object by any name that git knows (`<oid>`, `<oid>:path`, `<oid>^{tree}`); null when there is none.
   * @throws GitFailure `git_failed`
   */
  find(name: string): Promise<FoundObject | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#child.exitCode !== null) this.#fail();
      else this.#child.stdin.write(`${name}\n`);
    });
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    this.#child.stdout.destroy();
    this.#child.kill();
  }

  #take(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf(0x0a);
      if (end < 0) return;
      const [oid = "", type = "", size] = this.#buffer.toString("latin1", 0, end).split(" ").slice(-3);
      if (size === undefined || !/^\d+$/.test(size)) {
        // `<name> missing`
        this.#buffer = this.#buffer.subarray(end + 1);
        this.#waiting.shift()?.resolve(null);
        continue;
      }
      const next = end + 1 + Number(size);
      if (this.#buffer.length <= next) return;
      // A copy: a part would keep the whole chunk in memory.
      const bytes = Buffer.from(this.#buffer.subarray(end + 1, next));
      this.#buffer = this.#buffer.subarray(next + 1);
      this.#waiting.shift()?.resolve({ oid, type, bytes });
    }
  }

  #fail(): void {
    const words = this.#words.trim();
    const error = new GitFailure({ code: "git_failed", command: "cat-file", exitCode: this.#child.exitCode, words });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
