// One editor window: an orchestrator process in a clone of its own. It runs the commands that it is told, by
// real `git coord` processes, and hands back what they said.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../dist/git-coord.cjs", import.meta.url));

process.on("message", ({ args, env }) => {
  execFile(process.execPath, [program, ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
    process.send({ code: error ? error.code : 0, stdout, stderr });
  });
});
process.on("disconnect", () => process.exit());
