import type { Call } from "../../simulation/record.ts";
import type { Sandbox } from "../../support/sandbox.ts";
import { type Start, start, type Window } from "./command.ts";

/**
 * A command from a shell that takes a lock which nobody else wants.
 * @param window of an orchestrator that asks for nothing else: by its name the op id is found in the chain
 */
export async function askCold(sandbox: Sandbox, window: Window, how: Pick<Start, "node" | "env">): Promise<Call> {
  const asked = Number(process.hrtime.bigint());
  const ended = await start(sandbox, window, ["--json", "lock", `lock-of-${window.id}`], how).ended;
  const { exit, signal, stdout, stderr } = ended;
  const base: Omit<Call, "outcome"> = {
    machine: window.clone.path,
    process: window.id,
    requests: [],
    asked,
    ended: Number(process.hrtime.bigint()),
    stays: false,
    tipThen: null,
    belief: null,
    drawn: [],
  };
  if (signal === "SIGKILL") return { ...base, outcome: { kind: "crashed" } };
  if (exit !== 0) return { ...base, outcome: { kind: "bug", error: `exit ${exit ?? signal}\n${stdout}${stderr}` } };
  const verdict = { kind: "granted", grant: { op: "acquire", leases: [] } } as const;
  const { commit: tip, changed: written } = ended.json;
  return { ...base, outcome: { kind: "answers", answers: [{ verdict, written, tip }], settled: [] } };
}
