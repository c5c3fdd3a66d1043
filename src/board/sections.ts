/** The sections of the board, as data: what they are called, and their columns (DESIGN 4). */
export type SectionId =
  | "buildLock"
  | "orchestrators"
  | "queue"
  | "inProgress"
  | "completed"
  | "namedLocks"
  | "waiting"
  | "fileLocks"
  | "settings";

/** How a cell is read and written: see values.ts. */
export type Kind = "text" | "id" | "ids" | "path" | "resource" | "instant" | "fence" | "priority" | "slots";

export interface Column {
  /** Unique within its section; what entries.ts calls the value. */
  readonly key: string;
  readonly title: string;
  readonly kind: Kind;
  /** Other headers that mean the same, as name keys. The title wins when both stand in one table. */
  readonly aliases: readonly string[];
  /** Without it the rows mean nothing. */
  readonly essential: boolean;
  /** How an empty cell is written. */
  readonly empty: "-" | "none";
}

export interface SectionShape {
  readonly id: SectionId;
  readonly title: string;
  /** Name keys of the headings that start this section. */
  readonly names: readonly string[];
  readonly columns: readonly Column[];
}

const column = (key: string, title: string, kind: Kind, ...aliases: string[]): Column => ({
  key,
  title,
  kind,
  aliases,
  essential: false,
  empty: "-",
});
const essential = (made: Column): Column => ({ ...made, essential: true });
/** Who holds a lock: a free one says `none`, as in the original system. */
const lockedBy = (): Column => ({
  ...column("lockedBy", "Locked By", "id", "holder", "owner", "heldby"),
  empty: "none",
});

const TASK = column("task", "Task", "text", "title", "description", "name", "summary");
const PRIORITY = column("priority", "Priority", "priority", "prio", "p");
const AREA = column("area", "Area", "text", "component");
const CLAIMED_BY = column("claimedBy", "Claimed By", "id", "owner", "assignedto", "assignee", "orchestrator", "agent");
const FENCE = column("fence", "Fence", "fence");
const REASON = column("reason", "Reason", "text", "why");
const NOTE = column("note", "Note", "text", "notes", "result", "comment");
const EXPIRES = column("expires", "Expires", "instant", "expiresat", "until");

export const BUILD_LOCK: SectionShape = {
  id: "buildLock",
  title: "🔒 Build Lock",
  names: ["buildlock"],
  // These are the rows of its table, named in the column Field (read-build.ts).
  columns: [lockedBy(), column("lockedAt", "Locked At", "instant", "since"), EXPIRES, FENCE, REASON],
};
/** The two columns that the Build Lock's table really has. */
export const FIELD_COLUMNS: readonly Column[] = [
  essential(column("field", "Field", "text", "name", "property", "key")),
  essential(column("value", "Value", "text")),
];

const ORCHESTRATORS: SectionShape = {
  id: "orchestrators",
  title: "👥 Active Orchestrators",
  names: ["activeorchestrators", "orchestrators"],
  columns: [
    essential(column("id", "ID", "id", "orchestrator", "orchestratorid", "agent")),
    column("status", "Status", "text", "state"),
    column("currentTask", "Current Task", "text", "task", "workingon"),
    column("lastSeen", "Last Seen", "instant", "lastheartbeat", "heartbeat"),
    column("host", "Host", "text", "machine"),
    column("session", "Session", "text"),
    EXPIRES,
  ],
};

const QUEUE: SectionShape = {
  id: "queue",
  title: "📋 Task Queue",
  names: ["taskqueue"],
  columns: [
    essential(column("id", "ID", "id", "taskid")),
    PRIORITY,
    TASK,
    AREA,
    CLAIMED_BY,
    column("after", "After", "ids", "dependson", "blockedby", "dependencies"),
    NOTE,
  ],
};

const IN_PROGRESS: SectionShape = {
  id: "inProgress",
  title: "🔄 In Progress",
  names: ["inprogress"],
  columns: [
    essential(column("id", "ID", "id", "taskid")),
    PRIORITY,
    TASK,
    AREA,
    essential(CLAIMED_BY),
    column("since", "Since", "instant", "started", "startedat", "claimedat"),
    FENCE,
  ],
};

const COMPLETED: SectionShape = {
  id: "completed",
  title: "✅ Completed",
  names: ["completed", "completedtasks"],
  columns: [
    essential(column("id", "ID", "id", "taskid")),
    TASK,
    column("completedBy", "Completed By", "id", "claimedby", "owner", "by", "orchestrator", "agent"),
    column("completedAt", "Completed At", "instant", "completed", "finished", "finishedat", "date"),
    NOTE,
  ],
};

const NAMED_LOCKS: SectionShape = {
  id: "namedLocks",
  title: "🔑 Named Locks",
  names: ["namedlocks"],
  columns: [
    essential(column("lock", "Lock", "id", "name", "lockname")),
    column("slots", "Slots", "slots"),
    essential(lockedBy()),
    column("lockedAt", "Locked At", "instant", "since"),
    EXPIRES,
    FENCE,
    REASON,
  ],
};

const WAITING: SectionShape = {
  id: "waiting",
  title: "⏳ Waiting",
  names: ["waiting"],
  columns: [
    essential(column("resource", "Resource", "resource", "waitsfor", "lock")),
    essential(column("orchestrator", "Orchestrator", "id", "id", "agent", "who")),
    column("since", "Since", "instant"),
    column("until", "Until", "instant", "expires"),
    column("turn", "Turn", "instant"),
  ],
};

const FILE_LOCKS: SectionShape = {
  id: "fileLocks",
  title: "🔐 File Locks",
  names: ["filelocks"],
  columns: [
    essential(column("path", "File Path", "path", "file", "path", "files")),
    essential(lockedBy()),
    column("since", "Since", "instant", "lockedat"),
    EXPIRES,
    FENCE,
    REASON,
  ],
};

const SETTINGS: SectionShape = {
  id: "settings",
  title: "⚙️ Settings",
  names: ["settings"],
  columns: [
    essential(column("setting", "Setting", "text", "name", "key")),
    // Empty is what `none` means there (domain/settings.ts), so that is how it is written.
    essential({ ...column("value", "Value", "text"), empty: "none" }),
  ],
};

/** In the order in which they stand on the board. */
export const SECTIONS: readonly SectionShape[] = [
  BUILD_LOCK,
  ORCHESTRATORS,
  QUEUE,
  IN_PROGRESS,
  COMPLETED,
  NAMED_LOCKS,
  WAITING,
  FILE_LOCKS,
  SETTINGS,
];

export function shapeOf(id: SectionId): SectionShape {
  const shape = SECTIONS.find((candidate) => candidate.id === id);
  if (!shape) throw new Error(`no such section: ${id}`);
  return shape;
}

export function sectionNamed(key: string): SectionShape | null {
  return SECTIONS.find((shape) => shape.names.includes(key)) ?? null;
}
