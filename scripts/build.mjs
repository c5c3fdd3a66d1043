// Bundles the program and the library into dist/: few files, so that a cold command starts fast.

import { execFileSync } from "node:child_process";
import { chmod, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const root = new URL("..", import.meta.url).pathname;

/**
 * The reference parser of the board is large and seldom needed: what git-coord wrote itself is read without it. It
 * becomes a file of its own, loaded at its first use, so that hooks and commands start faster.
 */
const lazyReference = {
  name: "lazy-reference",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/reference\.ts$/ }, () => ({ path: "reference", namespace: "lazy" }));
    onLoad({ filter: /.*/, namespace: "lazy" }, () => ({
      contents: `import { createRequire } from "node:module";
        let loaded;
        export function parseSectionReference(...args) {
          loaded ??= createRequire(import.meta.url)("./board-reference.cjs");
          return loaded.parseSectionReference(...args);
        }`,
    }));
  },
};

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    "git-coord": "src/start.ts",
    index: "src/index.ts",
    warden: "src/process/warden-main.ts",
    maintain: "src/git/maintain-main.ts",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minifySyntax: true,
  legalComments: "linked",
  // Its main file is UMD, whose require() a bundler cannot follow.
  alias: { "jsonc-parser": "./node_modules/jsonc-parser/lib/esm/main.js" },
  plugins: [lazyReference],
  define: { GIT_COORD_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS inside and ask for node's own modules with require().
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
await build({
  absWorkingDir: root,
  entryPoints: { "board-reference": "src/board/reference.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minifySyntax: true,
  legalComments: "linked",
  logLevel: "warning",
});
const program = `${root}dist/git-coord.js`;
const { writeFile } = await import("node:fs/promises");
await writeFile(program, `#!/usr/bin/env node\n${await readFile(program, "utf8")}`);
await chmod(program, 0o755);
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});
