import type { Board } from "./board.ts";
import { handOver } from "./line.ts";
import { breakLeases } from "./operations/break.ts";
import { claim } from "./operations/claim.ts";
import { configure } from "./operations/configure.ts";
import { acquire, renew, unlock } from "./operations/lock.ts";
import { join, leave } from "./operations/session.ts";
import { add, complete, release } from "./operations/task.ts";
import { wait, withdraw } from "./operations/wait.ts";
import type { Request } from "./request.ts";
import type { Context, Verdict } from "./verdict.ts";

/**
 * The answer to a request on a board: pure, so that it can be asked again on a newer board after a lost
 * race, and replayed from the commit by anybody who audits it (DESIGN 1.2 and 1.4).
 */
export function decide(board: Board, request: Request, context: Context): Verdict {
  const verdict = answer(board, request, context);
  // Whatever a request frees goes to the first in line, in the same commit.
  return verdict.kind === "granted" ? { ...verdict, board: handOver(verdict.board, context.at) } : verdict;
}

function answer(board: Board, request: Request, context: Context): Verdict {
  const { actor, operation } = request;
  switch (operation.op) {
    case "join":
      return join(board, actor, context);
    case "leave":
      return leave(board, actor, context);
    case "add":
      return add(board, actor, operation, context);
    case "claim":
      return claim(board, actor, operation, context);
    case "complete":
      return complete(board, actor, operation, context);
    case "release":
      return release(board, actor, operation, context);
    case "acquire":
      return acquire(board, actor, operation, context);
    case "wait":
      return wait(board, actor, operation, context);
    case "withdraw":
      return withdraw(board, actor, operation, context);
    case "unlock":
      return unlock(board, actor, operation, context);
    case "renew":
      return renew(board, actor, operation, context);
    case "break":
      return breakLeases(board, actor, operation, context);
    case "set":
      return configure(board, actor, operation, context);
  }
}
