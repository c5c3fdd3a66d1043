// Makes a fresh clone ready to run: installs and builds what is missing or older than its sources. Uses node only.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });

const changedAt = (name) => (existsSync(`${root}${name}`) ? statSync(`${root}${name}`).mtimeMs : 0);
const newest = (folder) =>
  Math.max(
    ...readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs),
  );

if (changedAt("node_modules/.package-lock.json") < changedAt("package-lock.json")) {
  console.error("installing packages …");
  run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
const sources = Math.max(newest("src"), changedAt("scripts/build.mjs"), changedAt("package.json"));
if (changedAt("dist/types/index.d.ts") < sources) {
  console.error("building …");
  run(process.execPath, ["scripts/build.mjs"]);
}
