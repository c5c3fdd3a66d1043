import { expect } from "vitest";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";
import { testSandbox } from "../../support/test-sandbox.ts";
import { coordJson, type Ended, type Window } from "./command.ts";
import { assemble } from "./fleet.ts";
import { freshHistory } from "./history.ts";

/** Two windows on two clones that know the tip, and a task. Every command is a process of its own. */
export async function scene<S extends RemoteServer>(makeServer: (sandbox: Sandbox) => Promise<S>) {
  const sandbox = await testSandbox();
  const server = await makeServer(sandbox);
  const [here, there] = (await assemble(sandbox, server, { windows: 2, tasks: 1 })) as [Window, Window];
  const claim = (window = here) => coordJson(sandbox, window, "claim", "T001");
  const claims = async () => (await freshHistory(sandbox, server)).links.filter(({ op }) => op === "claim");
  return { sandbox, server, here, there, claim, claims };
}

/** A failure is told by its exit code, its code, and what to do next. */
export function expectFailure(end: Ended, exit: number, code: string): void {
  expect(end.exit, end.stdout + end.stderr).toBe(exit);
  expect(end.json).toMatchObject({ ok: false, code, hint: expect.any(String) });
}

export function tipOf(sandbox: Sandbox, { path }: RemoteServer): Promise<string> {
  return sandbox.git(path, "rev-parse", "coordination");
}
