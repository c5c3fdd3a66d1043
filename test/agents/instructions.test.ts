import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renderInstructions, rulesInBrief } from "../../src/agents/instructions.ts";
import { TOOLS } from "../../src/mcp/tools.ts";
import { built, PROGRAM } from "../cli/built.ts";
import { project } from "./project.ts";

const template = await readFile(new URL("../../templates/orchestrator_instructions.md", import.meta.url), "utf8");

test("the rules in brief are a part of the instructions, and no mark is left in what is rendered", () => {
  const text = renderInstructions(template);
  expect(text).toContain(rulesInBrief(template));
  expect(text).not.toContain("<!--");
  expect(() => rulesInBrief("no brief part")).toThrow();
});

test("the instructions name exactly the tools that the MCP server has", () => {
  const table = renderInstructions(template).split("## With the MCP tools")[1]?.split("## ")[0] ?? "";
  const named = [...table.matchAll(/\| `([a-z_]+)` \|$/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.keys(TOOLS).sort());
});

test("the instructions name only commands and options that there are", async () => {
  await built();
  const { window } = await project();
  const commands = [...template.matchAll(/git coord ((?:agents )?[a-z]+)([^`\n]*)/g)];
  expect(commands.length).toBeGreaterThan(20);
  for (const [, command = "", rest = ""] of commands) {
    const { exit, stdout } = await helpOf(window, command);
    expect({ command, exit }).toEqual({ command, exit: 0 });
    for (const [option] of rest.matchAll(/(?<= )--?[a-z]+/g)) expect(stdout, `${command} ${option}`).toContain(option);
  }
  expect(PROGRAM).toMatch(/git-coord\.cjs$/);
});

const helps = new Map<string, Promise<{ exit: number | null; stdout: string }>>();
function helpOf(window: { run(...args: string[]): Promise<{ exit: number | null; stdout: string }> }, command: string) {
  const known = helps.get(command) ?? window.run(...command.split(" "), "--help");
  helps.set(command, known);
  return known;
}

test("the instructions are short, and plain enough for extensions that clean up quotes and dashes", () => {
  const text = renderInstructions(template);
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text.length).toBeLessThan(6000);
});
