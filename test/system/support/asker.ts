import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FailureData, Grant, Outcome } from "../../../src/index.ts";
import type { Call } from "../../simulation/record.ts";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";
import { LIBRARY, type Start, type Window } from "./command.ts";

const PROGRAM = fileURLToPath(new URL("./asker.mjs", import.meta.url));

/** A use case of the library and what it is given. */
export interface Wish {
  readonly call: "lock" | "unlock" | "claim" | "release";
  readonly wish: unknown;
}

/** What is told by a process that was asked: one of the first three. */
interface Told {
  readonly outcome?: Outcome<Grant & { readonly changed: boolean }>;
  readonly failed?: FailureData;
  readonly bug?: string;
  readonly asked: number;
  readonly ended: number;
}

/** A warm process of a clone, which is started anew after somebody has killed it. */
export class Asker {
  #process: ChildProcess | null = null;
  #ready: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sandbox: Sandbox,
    private readonly server: RemoteServer,
    readonly window: Window,
    private readonly how: Pick<Start, "node" | "env">,
  ) {
    sandbox.defer(() => this.#process?.kill("SIGKILL"));
  }

  /** Resolves when the process is there and has opened the board. */
  ready(): Promise<unknown> {
    if (this.#process === null || this.#process.signalCode !== null) this.#start();
    return this.#ready;
  }

  #start(): void {
    const { clone, id } = this.window;
    const child = fork(PROGRAM, [LIBRARY, clone.path, id], {
      cwd: clone.path,
      env: { ...clone.env, TMPDIR: this.sandbox.path, ...this.how.env },
      execArgv: [...(this.how.node ?? [])],
    });
    this.#process = child;
    const fell = once(child, "exit").then(([exit]) => {
      if (exit !== null) throw new Error(`${id} has ended with ${exit}`);
    });
    this.#ready = Promise.race([once(child, "message"), fell]);
  }

  /**
   * @param name unlike any other: its op ids begin with it
   * @returns when it was answered, or its process has died of SIGKILL
   */
  async ask(name: string, { call, wish }: Wish): Promise<Call> {
    const child = this.#process as ChildProcess;
    const tipThen = readFileSync(join(this.server.path, "refs", "heads", "coordination"), "utf8").trim();
    const asked = Number(process.hrtime.bigint());
    child.send({ name, call, wish });
    const heard = new AbortController();
    const told = await Promise.race([
      once(child, "message", heard).then(([message]) => message as Told),
      once(child, "exit", heard).then(() => null),
    ]);
    heard.abort();
    return {
      machine: this.window.clone.path,
      process: `${this.window.id} (${name}: ${call} ${JSON.stringify(wish)})`,
      requests: [{ opId: `${name}-1`.padEnd(21, "-") }],
      asked: told?.asked ?? asked,
      ended: told?.ended ?? Number(process.hrtime.bigint()),
      stays: true,
      tipThen,
      outcome: told === null ? { kind: "crashed" } : outcomeOf(told),
      belief: null,
      drawn: [],
    };
  }
}

function outcomeOf({ outcome, failed, bug }: Told): Call["outcome"] {
  if (failed) return { kind: "failed", code: failed.code };
  const settled = outcome?.notices.flatMap((notice) => (notice.kind === "settled" ? [notice.settlement] : [])) ?? [];
  if (outcome?.ok) {
    const { value: grant, commit: tip } = outcome;
    const kind = grant.changed ? "granted" : "unchanged";
    return { kind: "answers", answers: [{ verdict: { kind, grant }, written: grant.changed, tip }], settled };
  }
  if (outcome?.failure.kind !== "refused" || outcome.commit === null) return { kind: "bug", error: bug ?? outcome };
  const verdict = { kind: "refused", refusal: outcome.failure.refusal } as const;
  return { kind: "answers", answers: [{ verdict, written: false, tip: outcome.commit }], settled };
}
