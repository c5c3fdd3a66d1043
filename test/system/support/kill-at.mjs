// Loaded before the program: counts each of its steps (a change of the file system, the start of a git) and ends
// the process with SIGKILL right before the one it is told. Nothing of the program knows of it.
import child_process from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { KILL_AT_STEP, STEPS_FILE } = process.env;
const fatal = KILL_AT_STEP === undefined ? Number.POSITIVE_INFINITY : Number(KILL_AT_STEP);
const { writeSync } = fs;
const note = fs.openSync(STEPS_FILE, "w");
let steps = 0;

function step(name) {
  writeSync(note, `${name}\n`);
  steps += 1;
  if (steps === fatal) process.kill(process.pid, "SIGKILL");
}

function count(object, method, describe) {
  const original = object[method];
  object[method] = function (...args) {
    const name = describe(args);
    if (name !== null) step(name);
    return original.apply(this, args);
  };
}

const handle = await fs.promises.open(process.execPath);
const FileHandle = Object.getPrototypeOf(handle);
await handle.close();

for (const change of ["appendFile", "link", "mkdir", "mkdtemp", "rename", "rm", "unlink", "writeFile"]) {
  count(fs.promises, change, (paths) => [change, ...paths.filter((path) => typeof path === "string")].join(" "));
}
for (const change of ["link", "mkdir", "mkdtemp", "rename", "rm", "rmdir", "unlink", "writeFile"]) {
  count(fs, `${change}Sync`, (paths) => [change, ...paths.filter((path) => typeof path === "string")].join(" "));
}
count(fs, "openSync", ([path, flags]) => (/[wax+]/.test(flags ?? "r") ? `create ${path}` : null));
count(fs, "writeSync", () => "write");
count(fs, "fsyncSync", () => "sync");
count(fs.promises, "open", ([path, flags]) => (/[wax+]/.test(flags ?? "r") ? `create ${path}` : null));
count(FileHandle, "writeFile", () => "write");
count(FileHandle, "sync", () => "sync");

const spawn = child_process.spawn;
child_process.spawn = (command, args, options) => {
  // What the program asks of git is the first word that is neither an option nor the value of `-c`.
  const verb = args.find((word, at) => !word.startsWith("-") && args[at - 1] !== "-c");
  step(`start ${command} ${verb}`);
  const child = spawn(command, args, options);
  step(`started ${command} ${verb}`);
  return child;
};
syncBuiltinESMExports();
