// Loaded before the program: tells each of its steps (a change of the file system, the start and the end of a git).
// Nothing of the program knows of it.
import child_process from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { O_CREAT, O_RDWR, O_WRONLY } = fs.constants;

/** @param watcher `before(step)`: right before it; `after(step)`: when a synchronous one has worked */
export async function watchSteps({ before, after = () => {} }) {
  /** What a handle stands for: a number, or a FileHandle. */
  const paths = new Map();
  const watch = (object, method, describe) => {
    const original = object[method];
    object[method] = function (...args) {
      const step = describe(args, this);
      if (step !== null) before(step);
      const result = original.apply(this, args);
      if (step !== null) after(step);
      return result;
    };
  };
  const change =
    (name) =>
    (...[args]) =>
      [name, ...args.filter((path) => typeof path === "string")].join(" ");
  const opening = ([path, flags = "r"]) => {
    const isNumber = typeof flags === "number";
    if (isNumber ? (flags & (O_WRONLY | O_RDWR)) === 0 : !/[wax+]/.test(flags)) return null;
    return `${isNumber && (flags & O_CREAT) === 0 ? "append" : "create"} ${path}`;
  };

  const handle = await fs.promises.open(process.execPath);
  const FileHandle = Object.getPrototypeOf(handle);
  await handle.close();

  for (const name of ["appendFile", "link", "mkdir", "mkdtemp", "rename", "rm", "unlink", "writeFile"]) {
    watch(fs.promises, name, change(name));
  }
  for (const name of ["link", "mkdir", "mkdtemp", "rename", "rm", "rmdir", "unlink", "writeFile"]) {
    watch(fs, `${name}Sync`, change(name));
  }
  const { openSync } = fs;
  fs.openSync = (...args) => {
    const step = opening(args);
    if (step !== null) before(step);
    const file = openSync(...args);
    paths.set(file, args[0]);
    return file;
  };
  watch(
    fs,
    "writeSync",
    ([file, text]) => `write ${paths.get(file)}${typeof text === "string" ? ` ${text.trim()}` : ""}`,
  );
  watch(fs, "fsyncSync", ([file]) => `sync ${paths.get(file)}`);
  const { open } = fs.promises;
  fs.promises.open = async (...args) => {
    const step = opening(args);
    if (step !== null) before(step);
    const file = await open(...args);
    paths.set(file, args[0]);
    return file;
  };
  watch(FileHandle, "writeFile", (_, file) => `write ${paths.get(file)}`);
  watch(FileHandle, "sync", (_, file) => `sync ${paths.get(file)}`);

  const { spawn } = child_process;
  child_process.spawn = (command, args, options) => {
    // What the program asks of git is the first word that is neither an option nor the value of `-c`.
    const verb = args.find((word, at) => !word.startsWith("-") && args[at - 1] !== "-c");
    before(`start ${command} ${verb}`);
    const child = spawn(command, args, options);
    before(`started ${command} ${verb}`);
    child.once("exit", () => before(`ended ${command} ${verb}`));
    return child;
  };
  syncBuiltinESMExports();
}
