import { createHash } from "node:crypto";

/** What one launch script does: opens an editor of its own on a folder, as an orchestrator of its own. */
export interface Agent {
  readonly number: number;
  /** The user-data folder. */
  readonly profile: string;
  readonly workspace: string;
  readonly id: string;
}

/** What the generic script makes an agent of, with a number put in between. */
export interface AgentPattern {
  readonly profile: Around;
  readonly workspace: Around;
  readonly id: Around;
}

/** Text before and after the number; `after` null: the number plays no part. */
export interface Around {
  readonly before: string;
  readonly after: string | null;
}

export interface Editor {
  /** The command that opens the editor. */
  readonly command: string;
  /** Null: the extensions that the user has anyway. */
  readonly extensions: string | null;
}

export const fill = ({ before, after }: Around, number: number): string =>
  after === null ? before : `${before}${number}${after}`;

/**
 * Ids that are the same at every launch, so that a window that is opened again goes on with what it holds, and
 * different on every machine and for every workspace, so that nobody's is taken.
 */
export function idPattern(host: string, workspace: string): Around {
  const tag = createHash("sha256").update(`${host}\0${workspace}`).digest("hex").slice(0, 6);
  return { before: "agent", after: `-${tag}` };
}
