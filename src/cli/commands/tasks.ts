import { Command } from "commander";
import { add, claim, complete, ready, release } from "../../app/tasks.ts";
import { printable } from "../../domain/printable.ts";
import { formatResource, type Resource } from "../../domain/resource.ts";
import type { TaskView } from "../../domain/verdict.ts";
import { type Surroundings, show } from "../face.ts";
import { leaseJson, taskJson } from "../render/json.ts";
import { table } from "../render/table.ts";
import { deadline } from "../render/time.ts";

export const collect = (value: string, before: string[] = []): string[] => [...before, value];

export function taskCommands(surroundings: Surroundings): Command[] {
  return [addCommand, readyCommand, claimCommand, doneCommand, releaseCommand].map((make) => make(surroundings));
}

const taskLine = ({ id, priority, title, area }: TaskView): string[] => [
  id,
  priority === null ? "-" : `P${priority}`,
  area ?? "-",
  title,
];

function addCommand(surroundings: Surroundings): Command {
  return new Command("add")
    .description("put a task on the queue")
    .argument("<title>")
    .option("-p, --priority <n>", "1 is highest (default 3)")
    .option("--area <area>", "what part of the code it is about")
    .option(
      "--after <ids>",
      "tasks that must be done first, comma separated",
      (text: string, before: string[] = []) => [...before, ...text.split(",").map((id) => id.trim())],
    )
    .option("--id <id>", "an id of your own instead of the next T<number>")
    .action(
      (title: string, options: { priority?: string; area?: string; after?: string[]; id?: string }, command: Command) =>
        show(surroundings, command, (coordination) => add(coordination, { title, ...options }), {
          json: ({ task, changed }) => ({ task: taskJson(task), changed }),
          text: ({ task }) => table([taskLine(task)]),
        }),
    );
}

function readyCommand(surroundings: Surroundings): Command {
  return new Command("ready")
    .description("list the tasks that can be claimed now, best first")
    .option("--area <area>", "only of this area")
    .action((options: { area?: string }, command: Command) =>
      show(surroundings, command, (coordination) => ready(coordination, options.area ?? null), {
        json: (tasks) => ({ tasks: tasks.map(taskJson) }),
        text: (tasks) => table(tasks.map(taskLine)),
        hint: (tasks) => (tasks.length === 0 ? "nothing is ready" : null),
      }),
    );
}

function claimCommand(surroundings: Surroundings): Command {
  return new Command("claim")
    .description("claim a task with its files and locks, all or nothing")
    .argument("[task]")
    .option("--next", "the first ready task (the default when no task is named)")
    .option("--area <area>", "only of this area")
    .option("-f, --file <path>", "also lock this file or directory (repeat)", collect)
    .option("--lock <name>", "also take this named lock (repeat)", collect)
    .action(
      (
        task: string | undefined,
        options: { next?: boolean; area?: string; file?: string[]; lock?: string[] },
        command: Command,
      ) => {
        if (task !== undefined && options.next) command.error("error: name a task or say --next, not both");
        const wish = {
          task: task ?? null,
          area: options.area ?? null,
          files: options.file ?? [],
          locks: options.lock ?? [],
        };
        return show(surroundings, command, (coordination) => claim(coordination, wish), {
          json: ({ task, fence, leases, changed }) => ({
            task: taskJson(task),
            fence,
            leases: leases.map(leaseJson),
            changed,
          }),
          text: ({ task, fence, leases }, now) =>
            `${task.id} is yours (fence ${fence}): ${printable(task.title)}\n` +
            table(
              leases.map((lease) => [formatResource(lease.resource), `until ${deadline(lease.expires, now)}`]),
              "  ",
            ),
          hint: ({ task }) => `when finished: \`git coord done ${task.id}\``,
        });
      },
    );
}

interface Ended {
  readonly task: TaskView;
  readonly released: readonly Resource[];
  readonly changed: boolean;
}

const endedJson = ({ task, released, changed }: Ended) => ({
  task: taskJson(task),
  released: released.map(formatResource),
  changed,
});

const endedText =
  (what: string) =>
  ({ task, released }: Ended): string => {
    const others = released.filter((resource) => resource.kind !== "task").map(formatResource);
    return `${task.id} ${what}${others.length === 0 ? "" : `; released ${others.join(", ")}`}\n`;
  };

function doneCommand(surroundings: Surroundings): Command {
  return new Command("done")
    .description("complete a task and give back what was locked with it")
    .argument("<task>")
    .option("-m, --message <note>", "what was done")
    .action((task: string, options: { message?: string }, command: Command) =>
      show(surroundings, command, (coordination) => complete(coordination, task, options.message ?? null), {
        json: endedJson,
        text: endedText("is done"),
      }),
    );
}

function releaseCommand(surroundings: Surroundings): Command {
  return new Command("release")
    .description("give a task back to the queue, with what was locked with it")
    .argument("<task>")
    .option("-m, --message <note>", "why")
    .action((task: string, options: { message?: string }, command: Command) =>
      show(surroundings, command, (coordination) => release(coordination, task, options.message ?? null), {
        json: endedJson,
        text: endedText("is back on the queue"),
      }),
    );
}
