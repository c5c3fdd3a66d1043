import { archivePath, formatArchive, formatBoard } from "../board/index.ts";
import type { Board, Task } from "../domain/board.ts";
import { decide } from "../domain/decide.ts";
import type { Request } from "../domain/request.ts";
import { formatResource } from "../domain/resource.ts";
import type { Context, Grant, Verdict } from "../domain/verdict.ts";
import type { Entry } from "./entry.ts";
import type { Person } from "./ports.ts";
import { encodeRequest } from "./request-json.ts";
import { bodyOf, subjectOf } from "./subject.ts";
import { BOARD_FILE, type Tip } from "./tip.ts";

/** A commit in the making: all but its place in the chain. */
export interface Draft {
  readonly files: ReadonlyMap<string, string>;
  readonly subject: string;
  readonly body: string;
  readonly author: Person;
  readonly entry: Omit<Entry, "opId" | "at" | "seq">;
  /** The text of `Coord-Request`, for requests. */
  readonly request: string | null;
}

/** What a proposal comes to on one tip: a commit to publish, or an answer that needs none. */
export type Decision<A> =
  | { readonly kind: "write"; readonly draft: Draft; readonly answer: A }
  | { readonly kind: "stop"; readonly answer: A };

/** Text of another file at the tip (the archive), null when there is none. */
export type ReadText = (path: string) => Promise<string | null>;

/** Something to be decided on the tip, and again on the next one after every lost race. */
export interface Proposal<A> {
  readonly opId: string;
  decide(tip: Tip, context: Context, readText: ReadText): Promise<Decision<A>>;
}

/** The author of an orchestrator's commits, so that `git log --author=ID` tells its story. */
export function orchestratorPerson(id: string): Person {
  return { name: id, email: `${id}@git-coord.invalid` };
}

/** A request of the domain as a proposal: decided by its rules, written by the codec. */
export function propose(request: Request): Proposal<Verdict> {
  return {
    opId: request.opId,
    async decide(tip, context, readText) {
      const verdict = decide(tip.board, request, context);
      if (verdict.kind !== "granted") return { kind: "stop", answer: verdict };
      const files = await writeFiles(verdict.board, verdict.archived, tip.text, readText);
      const draft: Draft = {
        files,
        subject: subjectOf(request, verdict.grant, verdict.evidence),
        body: bodyOf(request, verdict.evidence),
        author: orchestratorPerson(request.actor.id),
        entry: {
          op: request.operation.op,
          actor: request.actor.id,
          resources: resourcesOf(verdict.grant),
          evidence: verdict.evidence,
          request,
        },
        request: encodeRequest(request),
      };
      return { kind: "write", draft, answer: verdict };
    },
  };
}

/** The files of a commit that makes `board` out of `text`, with the tasks that move to the archive. */
export async function writeFiles(
  board: Board,
  archived: readonly Task[],
  text: string,
  readText: ReadText,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map([[BOARD_FILE, formatBoard(board, text)]]);
  for (const path of new Set(archived.map(archivePath))) {
    const tasks = archived.filter((task) => archivePath(task) === path);
    files.set(path, formatArchive(tasks, await readText(path)));
  }
  return files;
}

function resourcesOf(grant: Grant): readonly string[] {
  switch (grant.op) {
    case "join":
    case "set":
      return [];
    case "add":
      return [`task:${grant.task.id}`];
    case "claim":
    case "acquire":
    case "renew":
      return grant.leases.map((lease) => formatResource(lease.resource));
    case "wait":
      return grant.waiters.map(({ resource }) => formatResource(resource));
    case "withdraw":
      return grant.withdrawn.map(formatResource);
    case "break":
      return grant.broken.map((lease) => formatResource(lease.resource));
    case "complete":
    case "release":
    case "leave":
    case "unlock":
      return grant.released.map(formatResource);
  }
}
