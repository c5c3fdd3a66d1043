/**
 * What `module.enableCompileCache` does from node 22.1 on, for one file and for node 20: what V8 made of a file is kept
 * beside it, with the functions that a command needed, and the next command of that name starts with them.
 *
 * It is kept beside the program and nowhere else: whoever can write there can write the program, so that nothing is run
 * that somebody else has put in a place all may write to. Where that is not allowed, nothing is kept.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, statSync } from "node:fs";
import Module from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { replaceFile } from "./git/atomic-file.ts";

/**
 * Loads a bundle as `require` loads a CommonJS file. The bundle is written as a function of what such a file is given.
 * @param key names the file's content and what it is loaded for: V8 itself compares no more than the length of a text.
 * Letters, digits and `-` only.
 */
export function loadCompiled<Loaded>(file: string, key: string): Loaded {
  const folder = join(dirname(file), "compiled");
  const kept = join(folder, `${basename(file)}-${process.version}-${process.arch}-${key}`);
  const cachedData = readWhole(kept, file);
  const script = new Script(readFileSync(file, "latin1"), { filename: file, ...(cachedData && { cachedData }) });
  const require = Module.createRequire(file);
  const loaded = new Module(file);
  loaded.filename = file;
  // What the file loads later asks for the file itself, and has to get this one.
  require.cache[file] = loaded;
  script.runInThisContext().call(loaded.exports, loaded.exports, require, loaded, file, dirname(file));
  loaded.loaded = true;
  if ((cachedData === undefined || script.cachedDataRejected) && takesFiles(dirname(file))) {
    process.once("exit", (code) => code === 0 && keep(kept, script.createCachedData()));
  }
  return loaded.exports as Loaded;
}

/**
 * Undefined for what somebody else may have put there, and for what is not what was written: V8 runs what it is given, and
 * a damaged byte is any instruction.
 */
function readWhole(path: string, program: string): Buffer | undefined {
  try {
    const { uid } = statSync(program);
    if (![dirname(path), path].every((place) => isOnlyOf(uid, place))) return undefined;
    const bytes = readFileSync(path);
    const data = bytes.subarray(DIGEST_LENGTH);
    return digestOf(data).equals(bytes.subarray(0, DIGEST_LENGTH)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nobody can have written it but this user and the owner of the program. Windows has other rules, those of the folder. */
function isOnlyOf(owner: number, path: string): boolean {
  const { uid, mode } = statSync(path);
  if (process.geteuid === undefined) return true;
  return (uid === owner || uid === process.geteuid()) && (mode & 0o022) === 0;
}

const DIGEST_LENGTH = 20;
const digestOf = (data: Buffer): Buffer => createHash("sha1").update(data).digest();

function takesFiles(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function keep(path: string, data: Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    replaceFile(path, Buffer.concat([digestOf(data), data]), { mode: 0o644 });
  } catch {
    // The next command compiles it again.
  }
}
