import type { Edit } from "../edit.ts";
import type { Mode } from "./mode.ts";
import { readModes } from "./modes-text.ts";

/** The slug of our mode: by it the entry is found again, also after the extension has written the file anew. */
const SLUG = "git-coord";

const modeWith = (instructions: string): Mode => ({
  slug: SLUG,
  name: "Orchestrator (git-coord)",
  description: "Works beside other orchestrators",
  roleDefinition:
    "You are an orchestrator: you take tasks from a shared queue, plan them, carry them out, alone or through " +
    "subtasks, and coordinate every step with other orchestrators on the same code base through git coord. " +
    'When the user says "Go", begin with the section "At the start of a session" of your instructions and work ' +
    "until no task is ready.",
  whenToUse: "Use this mode in every window when several orchestrators work on this project.",
  groups: ["read", "edit", "command", "mcp"],
  customInstructions: `${instructions.trimEnd()}\n`,
});

/** Puts our mode into a modes file; all others stay as they are. */
export function putMode(instructions: string): Edit {
  return (text) => {
    const reading = readModes(text ?? "");
    return reading.ok ? { ok: true, text: reading.put(modeWith(instructions)) } : reading;
  };
}

/** Takes it out again; a file that then says nothing is removed. */
export const takeMode: Edit = (text) => {
  if (text === null) return { ok: true, text };
  const reading = readModes(text);
  if (!reading.ok) return reading;
  const without = reading.take(SLUG);
  const saysNothing = /^\s*(customModes:\s*\[\s*\]|\{\s*"customModes"\s*:\s*\[\s*\]\s*\})?\s*$/.test(without);
  return { ok: true, text: saysNothing && without !== text ? null : without };
};
