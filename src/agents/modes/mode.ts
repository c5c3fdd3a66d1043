import { z } from "zod";

/** The editor extensions that read modes. */
export type ModesTool = "roo" | "zoo" | "kilo";

/** Groups of tools that each extension knows; with any other in one mode it drops the whole file. */
const GROUPS: Readonly<Record<ModesTool, readonly string[]>> = {
  roo: ["read", "edit", "browser", "command", "mcp", "modes"],
  zoo: ["read", "edit", "browser", "command", "mcp", "modes", "web"],
  kilo: ["read", "edit", "browser", "command", "mcp", "modes"],
};

/** A mode as far as it matters here; fields that we do not know are kept. */
export interface Mode {
  readonly slug: string;
  readonly name: string;
  readonly roleDefinition: string;
  readonly groups: readonly unknown[];
  readonly [field: string]: unknown;
}

const isRegExp = (source: string): boolean => {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
};

function schemaFor(tool: ModesTool) {
  const group = z.enum(GROUPS[tool], {
    error: ({ input }) => `${JSON.stringify(input)} is no group; there are ${GROUPS[tool].join(", ")}`,
  });
  const restricted = z.object({
    fileRegex: z.string().refine(isRegExp, "it is no regular expression").optional(),
    description: z.string().optional(),
  });
  const groups = z
    .array(z.union([group, z.tuple([group, restricted])], { error: ({ input }) => groupProblem(tool, input) }))
    .refine((entries) => {
      const names = entries.map((entry) => (Array.isArray(entry) ? entry[0] : entry));
      return new Set(names).size === names.length;
    }, "a group stands there twice");
  return z.looseObject({
    slug: z.string().regex(/^[a-zA-Z0-9-]+$/, "letters, digits and dashes only"),
    name: z.string().min(1, "it is empty"),
    roleDefinition: z.string().min(1, "it is empty"),
    whenToUse: z.string().optional(),
    description: z.string().optional(),
    customInstructions: z.string().optional(),
    groups,
    source: z.enum(["global", "project"]).optional(),
  });
}

function groupProblem(tool: ModesTool, input: unknown): string {
  return `${JSON.stringify(input)} is neither a group nor [group, {fileRegex, description}]; groups are ${GROUPS[tool].join(", ")}`;
}

export type ModesReading =
  | { readonly ok: true; readonly modes: readonly Mode[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks modes as the extension does when it loads them.
 * @returns every problem, each with the mode and the field that it is about
 */
export function checkModes(values: readonly unknown[], tool: ModesTool): ModesReading {
  const schema = schemaFor(tool);
  const problems: string[] = [];
  const modes: Mode[] = [];
  values.forEach((value, index) => {
    const result = schema.safeParse(value);
    if (result.success) modes.push(value as Mode);
    else {
      const slug = (value as { slug?: unknown } | null)?.slug;
      const who = typeof slug === "string" ? `mode ${JSON.stringify(slug)}` : `mode ${index + 1}`;
      for (const { path, message } of result.error.issues)
        problems.push(`${who}: ${path.join(".") || "value"}: ${message}`);
    }
  });
  const seen = new Set<string>();
  for (const { slug } of modes) {
    if (seen.has(slug)) problems.push(`mode "${slug}" stands there twice`);
    seen.add(slug);
  }
  return problems.length === 0 ? { ok: true, modes } : { ok: false, problems };
}
