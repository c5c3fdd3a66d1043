import { Command } from "commander";
import type { Coordination } from "../../app/coordination.ts";
import { breakLeases, lock, renew, unlock } from "../../app/locks.ts";
import type { Instant } from "../../domain/instant.ts";
import { formatResource } from "../../domain/resource.ts";
import type { LeaseView } from "../../domain/verdict.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";
import { leaseJson } from "../render/json.ts";
import { table } from "../render/table.ts";
import { deadline, isoTime } from "../render/time.ts";
import { waitingView } from "../render/waiting.ts";
import { collect } from "./tasks.ts";

export function lockCommands(surroundings: Surroundings): Command[] {
  return [lockCommand, unlockCommand, renewCommand, breakCommand].map((make) => make(surroundings));
}

interface LockOptions {
  readonly file?: string[];
  readonly ttl?: string;
  readonly wait?: string;
  readonly reason?: string;
}

const leaseTable = (leases: readonly LeaseView[], now: Instant): string =>
  table(
    leases.map((lease) => [
      formatResource(lease.resource),
      `fence ${lease.fence ?? "-"}`,
      `until ${deadline(lease.expires, now)}`,
    ]),
  );

function lockCommand(surroundings: Surroundings): Command {
  return new Command("lock")
    .description("take named locks (build is there from the start) and files, all or nothing")
    .argument("[names...]")
    .option("-f, --file <path>", "a file, or a directory as dir/ (repeat)", collect)
    .option("--ttl <duration>", "for how long (default: from the board's settings)")
    .option("--wait <duration>", "wait in line so long, first come first served")
    .option("--reason <text>", "shown to whoever wants it too")
    .action((locks: string[], options: LockOptions, command: Command) => {
      const { file: files = [], ttl = null, wait = null, reason = null } = options;
      const { err, now, isTerminal } = surroundings;
      const quiet = command.optsWithGlobals<CommonOptions>().json === true;
      const view = waitingView(err, now, { isTerminal, quiet });
      const action = (coordination: Coordination) =>
        lock(coordination, { locks, files, ttl, wait, reason }, view.show).finally(view.end);
      return show(surroundings, command, action, {
        json: ({ leases, changed }) => ({ leases: leases.map(leaseJson), changed }),
        text: ({ leases }, now) => leaseTable(leases, now),
      });
    });
}

function unlockCommand(surroundings: Surroundings): Command {
  return new Command("unlock")
    .description("give locks and files back")
    .argument("[names...]")
    .option("-f, --file <path>", "a file or directory (repeat)", collect)
    .option("--all", "every lock and file; tasks stay")
    .action((locks: string[], options: { file?: string[]; all?: boolean }, command: Command) => {
      const wish = { locks, files: options.file ?? [], all: options.all ?? false };
      return show(surroundings, command, (coordination) => unlock(coordination, wish), {
        json: ({ released, changed }) => ({ released: released.map(formatResource), changed }),
        text: ({ released }) =>
          released.length === 0 ? "nothing was locked\n" : `released ${released.map(formatResource).join(", ")}\n`,
      });
    });
}

function renewCommand(surroundings: Surroundings): Command {
  return new Command("renew")
    .description("extend everything held, and the session")
    .option("--ttl <duration>", "for how long (default: from the board's settings)")
    .action((options: { ttl?: string }, command: Command) =>
      show(surroundings, command, (coordination) => renew(coordination, options), {
        json: ({ leases, expires, changed }) => ({
          leases: leases.map(leaseJson),
          expires: isoTime(expires),
          changed,
        }),
        text: ({ leases, expires }, now) => `${leaseTable(leases, now)}session until ${deadline(expires, now)}\n`,
      }),
    );
}

function breakCommand(surroundings: Surroundings): Command {
  return new Command("break")
    .description("free a stale lease of a holder that is gone (--force: also a live one)")
    .argument("<resources...>", "task:T003, lock:build, file:src/a.c, or a bare task id or lock name")
    .option("--force", "also when the lease is live: its holder may still be working")
    .requiredOption("--reason <text>", "why; it stands in the history")
    .action((resources: string[], options: { force?: boolean; reason: string }, command: Command) =>
      show(surroundings, command, (coordination) => breakLeases(coordination, { resources, ...options }), {
        json: ({ broken, changed }) => ({ broken: broken.map(leaseJson), changed }),
        text: ({ broken }) =>
          broken.length === 0
            ? "nobody held it\n"
            : table(broken.map((lease) => [`freed ${formatResource(lease.resource)}`, `from ${lease.holder}`])),
      }),
    );
}
