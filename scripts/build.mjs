// Bundles the program and the library into dist/: few files, so that a cold command starts fast.

import { execFileSync } from "node:child_process";
import { chmod, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const root = new URL("..", import.meta.url).pathname;

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { "git-coord": "src/main.ts", index: "src/index.ts", warden: "src/process/warden-main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  minifySyntax: true,
  legalComments: "linked",
  define: { GIT_COORD_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS inside and ask for node's own modules with require().
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
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
