import { isTaskId } from "../domain/queue.ts";
import { formatResource } from "../domain/resource.ts";
import { isCurrent } from "../guard/fence.ts";
import type { Coordination } from "./coordination.ts";
import { readFence, readInput, readResource } from "./input.ts";
import { done, type Outcome, usage } from "./outcome.ts";
import { readBoard } from "./read.ts";

export interface FenceCheck {
  readonly resource: string;
  readonly fence: number;
  readonly current: boolean;
}

/** Whether a fence is the one of a live lease on that resource, by the remote's board. */
export async function checkFence(
  coordination: Coordination,
  resource: string,
  fence: string,
): Promise<Outcome<FenceCheck>> {
  const { tip, notices } = await readBoard(coordination);
  const input = readInput(() => ({
    resource: readResource(resource, (id) => isTaskId(tip.board, id)),
    fence: readFence(fence),
  }));
  if (!input.ok) return usage(input.problem);
  const { resource: wanted, fence: number } = input.value;
  const current = isCurrent(tip.board, wanted, number, coordination.ledger.clock.wall());
  return done({ resource: formatResource(wanted), fence: number, current }, tip, notices);
}
