import { z } from "zod";
import type { Coordination } from "../app/coordination.ts";
import { lock, renew, unlock } from "../app/locks.ts";
import { log, status } from "../app/look.ts";
import { done, type Outcome } from "../app/outcome.ts";
import { prime } from "../app/prime.ts";
import { add, claim, complete, release } from "../app/tasks.ts";
import { isoTime } from "../cli/render/time.ts";
import { isIdentifier } from "../domain/identifier.ts";
import { printable } from "../domain/printable.ts";
import { formatResource, type Resource } from "../domain/resource.ts";
import { leaseView, statusView, taskView } from "./views.ts";

/** A text may be longer than what fits on the board: then the rule of the board says so. */
const text = (description: string) => z.string().max(10_000, "at most 10000 characters").describe(description);
const names = (description: string) =>
  z
    .array(z.string().max(5_000, "at most 5000 characters"))
    .max(200, "at most 200")
    .exactOptional()
    .describe(description);
const taskId = text("Task id, such as T003");
const files = names("Paths from the repository's root; a folder as dir/");
const locks = names("Lock names, such as build");

type Fields = Readonly<Record<string, unknown>>;

/** One tool: what a model is told of it, and what it does. */
export interface Tool<Input = never> {
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly hints: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
  };
  /** Reads need no session on the board. */
  readonly kind: "read" | "write";
  run(coordination: Coordination, input: Input): Promise<Outcome<Fields>>;
}

const READ = { readOnlyHint: true, destructiveHint: false, idempotentHint: true } as const;
const ADD = { readOnlyHint: false, destructiveHint: false, idempotentHint: false } as const;
const TAKE = { readOnlyHint: false, destructiveHint: false, idempotentHint: true } as const;
const GIVE = { readOnlyHint: false, destructiveHint: true, idempotentHint: true } as const;

const tool = <Input>(definition: Tool<Input>): Tool<Input> => definition;

function map<T>(outcome: Outcome<T>, view: (value: T) => Fields): Outcome<Fields> {
  return outcome.ok ? done(view(outcome.value), outcome, outcome.notices) : outcome;
}

const released = (resources: readonly Resource[]) => resources.map((resource) => printable(formatResource(resource)));

export const TOOLS = {
  coord_status: tool({
    title: "Show the board",
    description:
      "Who you are, what you hold, which tasks are ready, and what the other orchestrators hold. Call it first.",
    input: z.strictObject({
      limit: z.int().min(1).max(200).default(20).describe("Most entries of each list"),
    }),
    hints: READ,
    kind: "read",
    run: async (coordination, { limit }) => {
      const [briefing, board] = [await prime(coordination), await status(coordination, { offline: true })];
      if (!briefing.ok || !board.ok) return briefing.ok ? (board as Outcome<never>) : briefing;
      return map(briefing, (value) => statusView(value, board.value, limit));
    },
  }),
  claim_task: tool({
    title: "Claim a task",
    description:
      "Claim a task before working on it, together with files and locks, all or nothing. Without task: the best one that is ready. Claiming what you hold is success.",
    input: z.strictObject({
      task: taskId.exactOptional(),
      area: text("Only tasks of this area").exactOptional(),
      files,
      locks,
    }),
    hints: TAKE,
    kind: "write",
    run: async (coordination, input) =>
      map(await claim(coordination, input), ({ task, fence, leases }) => ({
        task: taskView(task),
        fence,
        leases: leases.map(leaseView),
      })),
  }),
  complete_task: tool({
    title: "Complete a task",
    description:
      "Mark a task of yours as done and give back all that was locked with it. Commit and push your code first.",
    input: z.strictObject({ task: taskId, note: text("What was done").exactOptional() }),
    hints: GIVE,
    kind: "write",
    run: async (coordination, { task, note }) =>
      map(await complete(coordination, task, note ?? null), (value) => ({
        task: taskView(value.task),
        released: released(value.released),
      })),
  }),
  release_task: tool({
    title: "Give a task back",
    description: "Put a task of yours back on the queue, unfinished, with all that was locked with it.",
    input: z.strictObject({ task: taskId, note: text("Why").exactOptional() }),
    hints: GIVE,
    kind: "write",
    run: async (coordination, { task, note }) =>
      map(await release(coordination, task, note ?? null), (value) => ({
        task: taskView(value.task),
        released: released(value.released),
      })),
  }),
  add_task: tool({
    title: "Add a task",
    description: "Put work that you found on the queue, for anybody.",
    input: z.strictObject({
      title: text("What is to be done, in a line"),
      priority: z.int().min(1).max(999).default(3).describe("1 is highest"),
      area: text("The part of the code").exactOptional(),
      after: names("Ids of tasks that must be done first"),
      id: text("An id of your own instead of the next T number").exactOptional(),
    }),
    hints: ADD,
    kind: "write",
    run: async (coordination, { priority, ...wish }) =>
      map(await add(coordination, { ...wish, priority: String(priority) }), ({ task }) => ({ task: taskView(task) })),
  }),
  acquire_locks: tool({
    title: "Lock files and names",
    description:
      "Lock files before editing them, or a named lock (build) before using what there is only one of. All or nothing. Renewed for you until you release them.",
    input: z.strictObject({
      files,
      locks,
      ttl: text("For how long if your session dies: 90s, 10m. Default: the board's").exactOptional(),
      reason: text("Shown to whoever wants it too").exactOptional(),
    }),
    hints: TAKE,
    kind: "write",
    run: async (coordination, input) =>
      map(await lock(coordination, input), ({ leases }) => ({ leases: leases.map(leaseView) })),
  }),
  release_locks: tool({
    title: "Release locks",
    description: "Give locks and files back as soon as you are done with them.",
    input: z.strictObject({
      files,
      locks,
      all: z.boolean().default(false).describe("Every lock and file; tasks stay"),
    }),
    hints: GIVE,
    kind: "write",
    run: async (coordination, input) =>
      map(await unlock(coordination, input), (value) => ({ released: released(value.released) })),
  }),
  renew_leases: tool({
    title: "Renew what you hold",
    description: "Extend everything you hold now. Not needed: it happens by itself. Use it to be sure before a push.",
    input: z.strictObject({}),
    hints: TAKE,
    kind: "write",
    run: async (coordination) =>
      map(await renew(coordination), ({ leases, expires }) => ({
        leases: leases.map(leaseView),
        sessionExpires: isoTime(expires),
      })),
  }),
  history: tool({
    title: "Who held what",
    description: "The audit log, newest first: who claimed, locked and released what, and when.",
    input: z.strictObject({
      resource: text("task:T003, lock:build or file:src/a.c").exactOptional(),
      actor: text("An orchestrator's id").exactOptional(),
      since: text("ISO time, or how long ago: 2h").exactOptional(),
      limit: z.int().min(1).max(200).default(20).describe("Most entries"),
    }),
    hints: READ,
    kind: "read",
    run: async (coordination, query) =>
      map(await log(coordination, query), (entries) => ({
        entries: entries.map(({ seq, at, op, actor, resources, subject }) => ({
          seq,
          at: isoTime(at),
          op,
          // Who edits the board by hand has whatever name git knows them by.
          ...(isIdentifier(actor) ? { actor } : {}),
          resources: resources.map(printable),
          writtenByOthers: {
            subject: printable(subject),
            ...(isIdentifier(actor) ? {} : { author: printable(actor) }),
          },
        })),
      })),
  }),
} as const;
