import type { InLine } from "../../app/queueing.ts";
import type { Instant } from "../../domain/instant.ts";
import { printable } from "../../domain/printable.ts";
import { formatResource } from "../../domain/resource.ts";
import { coarse, deadline } from "./time.ts";

/** One line about a waiter's place, the holder and the expiry. */
export function waitingLine({ refusal, until }: InLine, now: Instant): string {
  const { lease, wanted, isKept, place, waiting } = refusal;
  const by = isKept ? `kept for ${lease.holder}` : `held by ${lease.holder}`;
  const patience = `giving up in ${coarse(Math.max(0, until - now))}`;
  return printable(
    `waiting for ${formatResource(wanted)}: place ${place} of ${Math.max(place, waiting)}, ${by} until ${deadline(lease.expires, now)}; ${patience}`,
  );
}

export interface WaitingView {
  readonly show: (view: InLine) => void;
  /** Takes the live line away again. */
  readonly end: () => void;
}

/** Live on a terminal; elsewhere one line when the place in the line is taken. Nothing when `quiet`. */
export function waitingView(
  err: (text: string) => void,
  now: () => Instant,
  { isTerminal, quiet }: { readonly isTerminal: boolean; readonly quiet: boolean },
): WaitingView {
  let shown: string | null = null;
  return {
    show(view) {
      if (quiet) return;
      const line = waitingLine(view, now());
      if (isTerminal && line !== shown) err(`\r\u001b[K${line}`);
      if (!isTerminal && shown === null) err(`${line}\n`);
      shown = line;
    },
    end() {
      if (isTerminal && shown !== null) err("\r\u001b[K");
    },
  };
}
