/** The layers of docs/ARCHITECTURE.md: a folder may import only what the table there allows. */
const layer = (name, allowed, comment) => ({
  name: `${name}-imports-only-what-it-may`,
  comment,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: [`^src/${name}/`, ...allowed] },
});
const noPackages = (name, allowed, comment) => ({
  name: `${name}-packages`,
  comment,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "core"], pathNot: allowed },
});

export default {
  forbidden: [
    {
      name: "no-circular",
      comment: "Arrows run one way; a cycle means that two files are one idea.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "not-to-test", comment: "The product knows nothing of its tests.", severity: "error", from: { path: "^src/" }, to: { path: "^(test|bench)/" } },
    layer("domain", [], "Pure rules: they must not know how a board is written or stored."),
    layer("board", ["^src/domain/"], "The codec knows the domain only."),
    layer("ledger", ["^src/domain/", "^src/board/"], "The protocol is written against ports, so that it can be simulated."),
    layer("git", ["^src/domain/", "^src/ledger/"], "Adapters know the ports they implement."),
    layer("process", ["^src/app/"], "Starting and ending commands: adapters behind the ports of the use cases."),
    layer("history", ["^src/domain/", "^src/board/", "^src/ledger/"], "Reading the chain needs no git of its own."),
    layer("guard", ["^src/domain/", "^src/board/", "^src/ledger/", "^src/history/"], "What hooks decide, without knowing hooks."),
    layer("app", ["^src/(domain|board|ledger|git|history|guard)/"], "Use cases know neither terminal nor process."),
    layer("agents", ["^src/(domain|app)/"], "What is written for agent tools: texts and plans over ports, no git of its own."),
    layer("cli", ["^src/(domain|app|agents)/"], "A face shows outcomes; it takes none of the decisions."),
    layer(
      "mcp",
      ["^src/(domain|app|agents)/", "^src/cli/(words|environment-words|exit|render/time)\\.ts$"],
      "A face too: it has tools instead of commands, and the same words for what went wrong.",
    ),
    noPackages("domain", [], "Pure: no node:, no npm."),
    noPackages("board", ["node_modules/(remark|unified|mdast|micromark|unist)"], "Only the markdown reference parser."),
    noPackages("ledger", [], "Time, randomness and git come in through ports."),
    noPackages("history", [], "The same."),
    noPackages("guard", [], "The same."),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
