import { Command, InvalidArgumentError } from "commander";
import { log } from "../../app/look.ts";
import { formatInstant } from "../../domain/instant.ts";
import { type Surroundings, show } from "../face.ts";
import { table } from "../render/table.ts";
import { isoTime } from "../render/time.ts";

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("a whole number from 1 is needed.");
  return Number(text);
}

export function logCommand(surroundings: Surroundings): Command[] {
  const command = new Command("log")
    .description("the audit log, newest first")
    .argument("[resource]", "only what touched it: task:T003, lock:build, file:src/a.c")
    .option("--actor <id>", "only what this orchestrator did")
    .option("--since <time>", "an ISO time, or a duration such as 2h for so long ago")
    .option("--until <time>", "the same")
    .option("-n, --limit <count>", "at most so many", readCount)
    .action(
      (
        resource: string | undefined,
        options: { actor?: string; since?: string; until?: string; limit?: number },
        command: Command,
      ) =>
        show(surroundings, command, (coordination) => log(coordination, { resource: resource ?? null, ...options }), {
          json: (entries) => ({
            entries: entries.map(({ at, evidence, ...entry }) => ({
              ...entry,
              at: isoTime(at),
              evidence: evidence.map((proof) => ({
                ...proof,
                expires: isoTime(proof.expires),
                clock: isoTime(proof.clock),
              })),
            })),
          }),
          text: (entries) =>
            table(entries.map(({ seq, at, actor, subject }) => [String(seq), formatInstant(at), actor, subject])),
          hint: (entries) => (entries.length === 0 ? "no entry matches" : null),
        }),
    );
  return [command];
}
