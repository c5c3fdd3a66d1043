import { Command } from "commander";
import { report, type Span, timeline, who } from "../../app/history.ts";
import { formatInstant } from "../../domain/instant.ts";
import { printable } from "../../domain/printable.ts";
import { type CommonOptions, type Surroundings, show } from "../face.ts";
import { holdJson, holdLine, waitJson } from "../render/holds.ts";
import { reportCsv, reportJson, reportText } from "../render/report.ts";
import { table } from "../render/table.ts";
import { deadline, isoTime } from "../render/time.ts";
import { timelineHtml } from "../render/timeline/html.ts";
import { timelineSvg } from "../render/timeline/svg.ts";
import { verifyCommand } from "./verify.ts";

export function historyCommands(surroundings: Surroundings): Command[] {
  return [whoCommand, timelineCommand, verifyCommand, reportCommand].map((make) => make(surroundings));
}

const SINCE = ["--since <time>", "an ISO time, or a duration such as 2h for so long ago"] as const;
const UNTIL = ["--until <time>", "the same"] as const;

function whoCommand(surroundings: Surroundings): Command {
  return new Command("who")
    .description("who holds it, or held it at a time")
    .argument("<resource>", "task:T003, lock:build, file:src/a.c, or a bare task id or lock name")
    .option("--at <time>", "an ISO time, or a duration such as 2h for so long ago (default: now)")
    .action((resource: string, options: { at?: string }, command: Command) =>
      show(surroundings, command, (coordination) => who(coordination, resource, options.at ?? null), {
        json: ({ resource, holders, commit }) => {
          const all = holders.map(({ since, until, ...holding }) => ({
            ...holding,
            since: isoTime(since),
            until: isoTime(until),
          }));
          const { holder = null, since = null, until = null, fence = null } = all[0] ?? {};
          return { resource, holder, since, until, fence, holders: all, boardCommit: commit };
        },
        text: ({ resource, holders, commit }, now) =>
          holders.length === 0
            ? `nobody: ${printable(resource)}${commit === null ? " (there was no board yet)" : ""}\n`
            : table(
                holders.map(({ resource, holder, fence, since, until, over }) => [
                  holder,
                  resource,
                  `fence ${fence ?? "-"}`,
                  since === null ? "since ever" : `since ${formatInstant(since)}`,
                  `until ${deadline(until, now)}`,
                  over ? "its time was over" : "",
                ]),
              ),
      }),
    );
}

function timelineCommand(surroundings: Surroundings): Command {
  return new Command("timeline")
    .description("every hold as an interval: as text, as a web page or as a picture")
    .option(...SINCE)
    .option(...UNTIL)
    .option("--html <file>", "write one web page that needs no network")
    .option("--svg <file>", "write one picture")
    .action((options: Span & { html?: string; svg?: string }, command: Command) => {
      const written: string[] = [];
      return show(
        surroundings,
        command,
        async (coordination) => {
          const outcome = await timeline(coordination, options);
          const common = command.optsWithGlobals<CommonOptions>();
          const write = async (path: string | undefined, render: typeof timelineHtml) => {
            if (path === undefined || !outcome.ok) return;
            await surroundings.writeFile(path, render(outcome.value), common);
            written.push(path);
          };
          await write(options.html, timelineHtml);
          await write(options.svg, timelineSvg);
          return outcome;
        },
        {
          json: ({ holds, waits }) => ({ holds: holds.map(holdJson), waits: waits.map(waitJson), files: written }),
          text: ({ holds, end }) => (written.length === 0 ? table(holds.map((hold) => holdLine(hold, end))) : ""),
          hint: ({ holds }) =>
            written.length > 0
              ? `${holds.length} holds written to ${written.join(" and ")}`
              : holds.length === 0
                ? "nothing was held in that time"
                : null,
        },
      );
    });
}

function reportCommand(surroundings: Surroundings): Command {
  return new Command("report")
    .description("contention, waits, hold times and breaks, per resource and per orchestrator")
    .option(...SINCE)
    .option(...UNTIL)
    .option("--csv", "print comma-separated values, one line for each resource and orchestrator")
    .action((options: Span & { csv?: boolean }, command: Command) =>
      show(surroundings, command, (coordination) => report(coordination, options), {
        json: reportJson,
        text: (value) => (options.csv ? reportCsv(value) : reportText(value)),
      }),
    );
}
