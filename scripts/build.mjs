// Bundles the program and the library into dist/ (docs/adr/0014): few files, so that a cold command starts fast.

import { execFileSync } from "node:child_process";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Large and seldom needed, but called where nothing can wait for an import. Each becomes a file of its own that is
 * loaded at its first call: what git-coord wrote itself is read without the reference parser, and most text is plain.
 */
const LOADED_AT_FIRST_CALL = [
  { module: "src/board/reference.ts", file: "board-reference.cjs", call: "parseSectionReference" },
  { module: "src/cli/render/width.ts", file: "width.cjs", call: "displayWidth" },
];

const loadedAtFirstCall = {
  name: "loaded-at-first-call",
  load(id) {
    const found = LOADED_AT_FIRST_CALL.find(({ module }) => id.endsWith(`/${module}`));
    if (!found) return null;
    return `import { createRequire } from "node:module";
      let loaded;
      export function ${found.call}(...args) {
        loaded ??= createRequire(import.meta.url)("./${found.file}");
        return loaded.${found.call}(...args);
      }`;
  },
};

const common = {
  cwd: root,
  platform: "node",
  // Its main file is UMD, whose require() a bundler cannot follow.
  resolve: { alias: { "jsonc-parser": `${root}node_modules/jsonc-parser/lib/esm/main.js` } },
  transform: { target: "node20", define: { GIT_COORD_VERSION: JSON.stringify(version) } },
};
const written = { dir: "dist", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };

await rm(`${root}dist`, { recursive: true, force: true });
const program = await rolldown({
  ...common,
  input: {
    "git-coord": "src/start.ts",
    index: "src/index.ts",
    warden: "src/process/warden-main.ts",
    maintain: "src/git/maintain-main.ts",
  },
  plugins: [loadedAtFirstCall],
  // The groups below keep together what is used together, also where it could be loaded later.
  checks: { ineffectiveDynamicImport: false },
});
const bundled = [];
const write = async (bundle, options) => {
  const { output } = await bundle.write({
    ...written,
    comments: { legal: true, annotation: false, jsdoc: false },
    ...options,
  });
  bundled.push(...output.flatMap(({ moduleIds = [] }) => moduleIds));
};
await write(program, {
  format: "esm",
  codeSplitting: {
    includeDependenciesRecursively: true,
    // Two files hold all that a hook or a command of everyday needs: each file more costs a cold command a millisecond.
    groups: [
      { name: "hook", test: /\/src\/hook\.ts$/, priority: 2 },
      { name: "work", test: /\/src\/(main|cli\/commands\/(tasks|locks|session))\.ts$/, priority: 1 },
    ],
  },
});
for (const { module, file } of LOADED_AT_FIRST_CALL) {
  const part = await rolldown({ ...common, input: { part: module } });
  await write(part, { format: "cjs", entryFileNames: file });
}

/** The packages that are in there, each with the licence that it asks to be passed on. */
const packages = new Set(bundled.map((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? "").values());
const licences = [...packages]
  .filter(Boolean)
  .sort()
  .map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
    const text = file === undefined ? "" : `\n${(await readFile(`${folder}/${file}`, "utf8")).trim()}\n`;
    return `${name} ${version} (${license})\n${text}`;
  });
await writeFile(`${root}dist/LICENCES.txt`, (await Promise.all(licences)).join(`\n${"-".repeat(80)}\n\n`));

const start = `${root}dist/git-coord.js`;
await writeFile(start, `#!/usr/bin/env node\n${await readFile(start, "utf8")}`);
await chmod(start, 0o755);
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});
