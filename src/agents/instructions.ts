/** How the one source of the instructions is rendered. */
export interface Rendering {
  /** Whether the tool that reads them has the MCP server. */
  readonly mcp: boolean;
}

const BRIEF = /^<!-- brief -->\n([\s\S]*?)^<!-- end -->\n/m;
const CONDITION = /^<!-- if (\w+) -->\n([\s\S]*?)^<!-- end -->\n/gm;

/**
 * The instructions for one kind of reader, from `templates/orchestrator_instructions.md`: parts between
 * `<!-- if mcp -->` and `<!-- end -->` are for readers that have it.
 * @throws Error when the template names a condition that there is not: a bug.
 */
export function renderInstructions(template: string, rendering: Rendering): string {
  return template.replace(BRIEF, "$1").replace(CONDITION, (_, name: string, part: string) => {
    if (!Object.hasOwn(rendering, name)) throw new Error(`the instructions know no condition "${name}"`);
    return rendering[name as keyof Rendering] ? part : "";
  });
}

/** The rules on half a page: the part between `<!-- brief -->` and `<!-- end -->`. */
export function rulesInBrief(template: string): string {
  const [, rules] = BRIEF.exec(template) ?? [];
  if (rules === undefined) throw new Error("the instructions have no brief part");
  return rules;
}
