import { Command } from "commander";
import { doctor } from "../../app/doctor.ts";
import { printable } from "../../domain/printable.ts";
import { EXIT } from "../exit.ts";
import { type CommonOptions, document, guarded, type Surroundings } from "../face.ts";

const MARK = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

export function doctorCommand(surroundings: Surroundings): Command[] {
  const command = new Command("doctor")
    .description("check git, the remote, the board and the clock, and say how to mend what is wrong")
    .option("--repair", "land a new commit with the last good board; put back a branch that was deleted or rewound")
    .action((options: { repair?: boolean }, command: Command) => {
      const common = command.optsWithGlobals<CommonOptions>();
      return guarded(surroundings, common.json === true, async () => {
        const { checks, repaired, tip } = await doctor(await surroundings.open(common), options);
        const failed = checks.filter(({ status }) => status === "fail");
        const code = failed.some(({ name }) => name === "remote" || name === "disk") ? "environment" : "bad_board";
        if (failed.length > 0) surroundings.setExitCode(EXIT[code]);
        if (common.json) {
          const place = { seq: tip?.seq ?? null, commit: tip?.commit ?? null };
          const words = {
            code,
            message: failed.map(({ message }) => message).join("; "),
            hint: failed[0]?.hint ?? null,
          };
          return surroundings.out(
            document({ ok: failed.length === 0, ...(failed.length > 0 ? words : {}), ...place, checks, repaired }),
          );
        }
        for (const line of repaired) surroundings.out(`done  ${printable(line)}\n`);
        for (const { name, status, message, hint } of checks) {
          const [first = "", ...more] = message.split("\n").map(printable);
          surroundings.out(`${MARK[status]}  ${name.padEnd(10)}  ${first}\n`);
          for (const line of more) surroundings.out(`${" ".repeat(18)}${line}\n`);
          if (hint !== null) surroundings.out(`${" ".repeat(18)}-> ${printable(hint)}\n`);
        }
      });
    });
  return [command];
}
