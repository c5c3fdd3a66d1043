import { onTestFinished } from "vitest";
import { openSandbox, type Sandbox } from "./sandbox.ts";

/** A sandbox that is cleared away, with everything started in it, when the running test has finished. */
export async function testSandbox(): Promise<Sandbox> {
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.dispose());
  return sandbox;
}
