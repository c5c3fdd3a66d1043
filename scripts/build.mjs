// Bundles the program and the library into dist/ (docs/adr/0014): few files, so that a cold command starts fast.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
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

/** What node has at hand anyway; a proxy before these would cost more than it saves. */
const LOADED_BY_NODE = ["fs", "path", "module", "util", "events", "os", "process"];

/** Parts of node that a command may never use are loaded at their first use, too: `crypto` alone takes nine milliseconds. */
const builtinsAtFirstUse = {
  name: "builtins-at-first-use",
  renderChunk(code, _chunk, { format }) {
    if (format !== "cjs") return null;
    return code.replaceAll(/^(let|const) (\w+) = require\("node:([^"]+)"\);$/gm, (line, _let, name, builtin) => {
      if (!builtinModules.includes(builtin)) throw new Error(`there is no ${builtin} in node`);
      // A default import is the module itself, and not a member of it.
      if (LOADED_BY_NODE.includes(builtin) || code.includes(`__toESM(${name}`)) return line;
      return `const ${name} = new Proxy({}, { get: (_, member) => require("node:${builtin}")[member] });`;
    });
  },
};

/** Of text with a letter outside ASCII, V8 keeps and reads two bytes for each. */
const ascii = {
  name: "ascii",
  renderChunk(code) {
    if (/String\.raw`[^`]*[^\0-\x7f]/.test(code)) throw new Error("an escape in String.raw would stay an escape");
    return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  },
};

/** As src/compiled.ts loads it: a function of what a CommonJS file is given, so that no copy of the text is made for that. */
const asFunction = (name) => ({
  postBanner: (chunk) => (chunk.name === name ? "(function (exports, require, module, __filename, __dirname) {" : ""),
  postFooter: (chunk) => (chunk.name === name ? "})" : ""),
});

const bundled = [];
/** Writes one bundle into dist/, complete in itself: one file with what it always needs, others for what it loads later. */
async function bundle(input, output) {
  const [[, source]] = Object.entries(input);
  const made = await rolldown({
    cwd: root,
    platform: "node",
    input,
    // Its main file is UMD, whose require() a bundler cannot follow.
    resolve: { alias: { "jsonc-parser": `${root}node_modules/jsonc-parser/lib/esm/main.js` } },
    transform: { target: "node20", define: { GIT_COORD_VERSION: JSON.stringify(version) } },
    plugins: [
      // The file itself has what it has; whoever bundles it in gets the call.
      ...(LOADED_AT_FIRST_CALL.some(({ module }) => module === source) ? [] : [loadedAtFirstCall]),
      builtinsAtFirstUse,
      ascii,
    ],
    checks: { ineffectiveDynamicImport: false },
  });
  const { output: files } = await made.write({
    dir: "dist",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    // Modules cost a cold command ten milliseconds more than this.
    format: "cjs",
    comments: { legal: true, annotation: false, jsdoc: false },
    ...output,
  });
  bundled.push(...files.flatMap(({ moduleIds = [] }) => moduleIds));
}

await rm(`${root}dist`, { recursive: true, force: true });
await bundle({ "git-coord": "src/start.ts" });
await bundle(
  { unused: "src/main.ts" },
  {
    // Without this, whatever a part that is loaded later shares with the rest would be a file of its own.
    codeSplitting: {
      includeDependenciesRecursively: true,
      groups: [{ name: "program", test: (id) => id === `${root}src/main.ts` || id.endsWith("rolldown/runtime.js") }],
    },
    chunkFileNames: ({ name }) => (name === "program" ? "program.cjs" : "[name]-[hash].cjs"),
    ...asFunction("program"),
  },
);
await rm(`${root}dist/unused.cjs`);
await bundle({ hook: "src/hook.ts" }, asFunction("hook"));
await bundle({ warden: "src/process/warden-main.ts" });
await bundle({ maintain: "src/git/maintain-main.ts" });
await bundle(
  { index: "src/index.ts" },
  { format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
);
for (const { module, file } of LOADED_AT_FIRST_CALL) await bundle({ part: module }, { entryFileNames: file });

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

const start = `${root}dist/git-coord.cjs`;
const digest = createHash("sha256");
for (const file of ["program", "hook"]) digest.update(await readFile(`${root}dist/${file}.cjs`));
const text = (await readFile(start, "utf8")).replace("BUILD_DIGEST", digest.digest("hex").slice(0, 16));
await writeFile(start, `#!/usr/bin/env node\n${text}`);
await chmod(start, 0o755);
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});
