import type { VerifiedStore } from "../history/verified.ts";
import type { ChainReader } from "../ledger/chain-reader.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { HoldingStore, Oid, Person, PulseStore, PushLog, Remote, SessionStore } from "../ledger/ports.ts";

/** An open coordination branch and all that a use case needs of its surroundings. */
export interface Coordination {
  readonly ledger: Ledger;
  readonly sessions: SessionStore;
  readonly holdings: HoldingStore;
  /** Reads the chain in bulk. Whoever opens it closes it. */
  readonly openChain: () => ChainReader;
  readonly verified: VerifiedStore;
  /** Which orchestrators the processes of this clone keep alive. */
  readonly pulses: PulseStore;
  readonly pushLog: PushLog;
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
  readonly code: Code;
  readonly hooks: Hooks;
}

export interface PushedRef {
  /** Its name on the remote. */
  readonly ref: string;
  readonly oid: Oid;
}

/** A ref of the user's repository that is to be pushed. */
interface WantedRef extends PushedRef {
  readonly source: string;
  readonly force: boolean;
}

/** The user's own code, for `push`. */
export interface Code {
  isBoardRemote(name: string): boolean;
  /** Null when a refspec names nothing. */
  resolve(refspecs: readonly string[]): Promise<readonly WantedRef[] | null>;
  /** What the repository's own hook says when it refuses; null when it does not. */
  askHook(remote: string, refs: readonly WantedRef[], id: string): Promise<string | null>;
  /** The board's remote, whose pushes carry these refs as well. */
  carrying(refs: readonly WantedRef[]): Remote;
  noteTracking(remote: string, refs: readonly WantedRef[]): Promise<void>;
}

export interface HookState {
  readonly name: string;
  readonly state: "active" | "replaced" | "absent";
  /** The hook that was there before and is called first. */
  readonly chained: string | null;
}

/** The git hooks of the user's repository. */
export interface Hooks {
  readonly isBare: boolean;
  install(server: boolean): Promise<readonly HookState[]>;
  uninstall(): Promise<readonly HookState[]>;
  status(): Promise<readonly HookState[]>;
  /** The workflow for hosts without hooks of one's own. */
  workflow(): Promise<string>;
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
