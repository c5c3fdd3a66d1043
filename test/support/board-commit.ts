import type { NewCommit, ObjectStore, Oid } from "../../src/ledger/ports.ts";

const PERSON = { name: "orch-1430-7842", email: "orch@example.invalid" };
let count = 0;

/** Writes a commit like those of the ledger, different from every other, durably, and returns its id. */
export async function boardCommit(
  objects: ObjectStore,
  parent: Oid | null,
  change: Partial<NewCommit> = {},
): Promise<Oid> {
  const unique = `${process.pid}-${++count}-${Math.random()}`;
  const oid = await objects.writeCommit({
    parent,
    files: new Map([["master_coordination.md", `# Master Coordination\n\n${unique}\n`]]),
    author: PERSON,
    committer: PERSON,
    at: Date.UTC(2026, 0, 21, 14, 30),
    message: `lock build\n\nCoord-Op-Id: ${unique}\n`,
    ...change,
  });
  await objects.settled();
  return oid;
}
