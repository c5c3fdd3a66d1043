import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renderInstructions, rulesInBrief } from "../../src/agents/instructions.ts";
import { built, PROGRAM } from "../cli/built.ts";
import { project } from "./project.ts";

const template = await readFile(new URL("../../templates/orchestrator_instructions.md", import.meta.url), "utf8");

test("one source is rendered with and without the MCP server", () => {
  const [withServer, without] = [
    renderInstructions(template, { mcp: true }),
    renderInstructions(template, { mcp: false }),
  ];
  expect(withServer).toContain("claim_task");
  expect(without).not.toContain("claim_task");
  for (const text of [withServer, without]) {
    expect(text).not.toMatch(/^<!--/m);
    expect(text).toContain(rulesInBrief(template));
  }
});

test("a condition that nobody knows is a bug, not a silent loss", () => {
  expect(() => renderInstructions("<!-- if mpc -->\nx\n<!-- end -->\n", { mcp: true })).toThrow("mpc");
  expect(() => rulesInBrief("no brief part")).toThrow();
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
  expect(PROGRAM).toMatch(/git-coord\.js$/);
});

const helps = new Map<string, Promise<{ exit: number | null; stdout: string }>>();
function helpOf(window: { run(...args: string[]): Promise<{ exit: number | null; stdout: string }> }, command: string) {
  const known = helps.get(command) ?? window.run(...command.split(" "), "--help");
  helps.set(command, known);
  return known;
}

test("the instructions are short, and plain enough for extensions that clean up quotes and dashes", () => {
  const text = renderInstructions(template, { mcp: true });
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text.length).toBeLessThan(6000);
});
