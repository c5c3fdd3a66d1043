import { gitObject, looseBytes, writeLoose } from "../../src/git/loose-object.ts";
import type { Oid } from "../../src/ledger/ports.ts";

/** Writes loose objects that nothing refers to, so that a repository looks as if thousands were there. */
export function fillUp(gitDir: string, name: string): readonly Oid[] {
  const written: Oid[] = [];
  for (let number = 0; written.length < 10; number += 1) {
    const object = gitObject("blob", Buffer.from(`${name} ${number}`));
    if (!object.oid.startsWith("17")) continue;
    writeLoose(gitDir, object, looseBytes(object));
    written.push(object.oid);
  }
  return written;
}
