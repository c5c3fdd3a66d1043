import type { BoardProblem } from "../domain/board.ts";
import { LIMITS } from "./limits.ts";

/** Collects what is wrong with a text. Lines are given as indexes (0-based) and reported 1-based. */
export class Report {
  readonly #problems: BoardProblem[] = [];
  readonly #warnings: BoardProblem[] = [];

  problem(line: number | null, code: string, message: string): void {
    this.#problems.push({ line: line === null ? null : line + 1, code, message });
  }

  warning(line: number | null, code: string, message: string): void {
    this.#warnings.push({ line: line === null ? null : line + 1, code, message });
  }

  get isClean(): boolean {
    return this.#problems.length === 0;
  }

  /** How much there is to say so far. */
  get count(): number {
    return this.#problems.length + this.#warnings.length;
  }

  /** In the order of lines; a long list ends with a count of the rest. */
  get problems(): readonly BoardProblem[] {
    return inOrder(this.#problems);
  }

  get warnings(): readonly BoardProblem[] {
    return inOrder(this.#warnings);
  }
}

function inOrder(list: readonly BoardProblem[]): readonly BoardProblem[] {
  const sorted = [...list].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const more = sorted.length - LIMITS.problems;
  if (more <= 0) return sorted;
  const message = `And ${more} more of the kind. Mend those above first.`;
  return [...sorted.slice(0, LIMITS.problems), { line: null, code: "more_problems", message }];
}
