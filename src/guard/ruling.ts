import type { OrchestratorId } from "../domain/identifier.ts";
import type { Instant } from "../domain/instant.ts";
import type { Finding } from "../history/finding.ts";
import type { Oid } from "../ledger/ports.ts";

/** What a guard has to say about one commit or push. Words for people are made in the face. */
export type Remark =
  /** A path that somebody else holds. */
  | {
      readonly kind: "held";
      readonly path: string;
      readonly resource: string;
      readonly holder: OrchestratorId;
      readonly until: Instant | null;
      /** The commit that touches it; null: the one being made. */
      readonly commit: Oid | null;
      /** Who made that commit; null: nobody knows. */
      readonly by: OrchestratorId | null;
    }
  /** Nobody says who commits, and the board asks for it. */
  | { readonly kind: "no_identity"; readonly commit: Oid | null }
  /** `COORD_FENCE` names a lease that is not the caller's any more. */
  | { readonly kind: "stale_fence"; readonly fence: string; readonly identity: OrchestratorId | null }
  /** A commit of the coordination branch that does not do what it says. */
  | { readonly kind: "finding"; readonly finding: Finding }
  /** A takeover that the server's clock speaks against. */
  | {
      readonly kind: "too_early";
      readonly commit: Oid;
      readonly resource: string;
      readonly holder: OrchestratorId;
      readonly until: Instant | null;
      readonly now: Instant;
    }
  /** A commit of the coordination branch that is dated too far from the server's clock. */
  | { readonly kind: "wrong_clock"; readonly commit: Oid; readonly at: Instant; readonly now: Instant }
  | { readonly kind: "branch_deleted"; readonly branch: string }
  | { readonly kind: "branch_rewritten"; readonly branch: string; readonly old: Oid }
  /** The board could not be read, or not in time. */
  | { readonly kind: "unsure"; readonly why: string };

/** Whether git may go on. What is said is shown in both cases. */
export interface Ruling {
  readonly pass: boolean;
  readonly remarks: readonly Remark[];
}

export const PASS: Ruling = { pass: true, remarks: [] };

/** What the owner of the board decided about doubtful cases. */
export interface Policy {
  readonly requireIdentity: boolean;
  readonly whenUnsure: "allow" | "refuse";
}

/** A ruling for when the board cannot be read. */
export function unsure(why: string, { whenUnsure }: Pick<Policy, "whenUnsure">): Ruling {
  return { pass: whenUnsure === "allow", remarks: [{ kind: "unsure", why }] };
}

/** All of them together: what one refuses is refused. */
export function together(...rulings: readonly Ruling[]): Ruling {
  return { pass: rulings.every(({ pass }) => pass), remarks: rulings.flatMap(({ remarks }) => remarks) };
}
