import { type Writer, writeDraft } from "./chain.ts";
import type { Oid, Person } from "./ports.ts";
import { readPosition } from "./tip.ts";

/** The name under which housekeeping stands in the log: nobody's session. */
export const HOUSEKEEPER = "git-coord";

const AUTHOR: Person = { name: HOUSEKEEPER, email: "housekeeping@git-coord.invalid" };

/**
 * Writes a commit that changes nothing, on `base`: once it has landed, no other push with `base` as its lease
 * can. It does not read the board, so that it works on a tip that is damaged.
 */
export async function writeBarrier(writer: Writer, base: Oid, opId: string): Promise<Oid> {
  const { seq, at } = await readPosition(writer.objects, base);
  const draft = {
    files: new Map<string, string>(),
    subject: "barrier: settles a push whose outcome was not known",
    body: "",
    author: AUTHOR,
    entry: { op: "barrier", actor: HOUSEKEEPER, resources: [], evidence: [], request: null } as const,
    request: null,
  };
  return writeDraft(writer, base, draft, opId, { at: Math.max(writer.clock.wall(), at), seq: seq + 1 });
}
