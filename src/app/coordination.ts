import type { Ledger } from "../ledger/ledger.ts";
import type { HoldingStore, Person, PulseStore, SessionStore } from "../ledger/ports.ts";

/** An open coordination branch and all that a use case needs of its surroundings. */
export interface Coordination {
  readonly ledger: Ledger;
  readonly sessions: SessionStore;
  readonly holdings: HoldingStore;
  /** Which orchestrators the processes of this clone keep alive. */
  readonly pulses: PulseStore;
  /** Who asks, as far as flags, environment and configuration tell; null when they do not. */
  readonly identity: string | null;
  /** This machine's name, as the board shows it. */
  readonly host: string;
  /** The git user: the author of hand edits. */
  readonly person: Person;
  readonly remoteName: string;
  readonly branch: string;
  /** Aborted when whoever asked gives up. */
  readonly signal?: AbortSignal | undefined;
  readonly setup: Setup;
}

/** What `init`, `join --remember` and `doctor` do to the clone itself. */
export interface Setup {
  /** Makes the embedded remote when the clone has no other. */
  prepareRemote(): Promise<void>;
  /** Writes `coord.id` for this worktree. */
  rememberIdentity(id: string): Promise<void>;
  /** The board that a new branch starts with. */
  template(): Promise<string>;
  /** What `doctor` finds in the clone and the remote, apart from the ledger itself. */
  inspect(): Promise<readonly Check[]>;
  /** Puts back a branch that was deleted or rewound, when the tip seen last descends from what is there. */
  restoreBranch(): Promise<RestoredBranch>;
}

export interface Check {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
}

export type RestoredBranch = "in_place" | "restored" | "diverged";
