import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FilePulseStore } from "../../src/git/pulse-store.ts";
import { testSandbox } from "../support/test-sandbox.ts";

const place = (path: string) => ({ folder: { path }, endpoint: { key: "origin" }, branch: "coordination" });

test("each process has a pulse of its own for each orchestrator; what is no pulse counts as none", async () => {
  const { path } = await testSandbox();
  const store = new FilePulseStore(place(path));
  expect(await store.list()).toEqual([]);
  const pulse = { id: "Ana", bootId: "boot", until: 5, renewing: null };
  await store.put("one", pulse);
  await store.put("two", { ...pulse, renewing: 3 });
  await store.put("one", { ...pulse, until: 9 });
  await mkdir(join(path, "pulses", "origin", "coordination"), { recursive: true });
  await writeFile(join(path, "pulses", "origin", "coordination", "torn.json"), '{"id":');
  const sorted = [...(await store.list())].sort((a, b) => a.until - b.until);
  expect(sorted).toEqual([
    { ...pulse, renewing: 3 },
    { ...pulse, until: 9 },
  ]);
  await store.remove("one", "ana");
  await store.remove("one", "ana");
  expect(await store.list()).toHaveLength(1);
});
