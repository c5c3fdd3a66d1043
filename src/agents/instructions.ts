const BRIEF = /^<!-- brief -->\n([\s\S]*?)^<!-- end -->\n/m;

/** The instructions for a reader, from `templates/orchestrator_instructions.md`: without the marks of its parts. */
export function renderInstructions(template: string): string {
  return template.replace(BRIEF, "$1");
}

/**
 * The rules on half a page: the part between `<!-- brief -->` and `<!-- end -->`.
 * @throws Error when the template has no such part: a bug
 */
export function rulesInBrief(template: string): string {
  const [, rules] = BRIEF.exec(template) ?? [];
  if (rules === undefined) throw new Error("the instructions have no brief part");
  return rules;
}
