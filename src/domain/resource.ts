import { idKey, isIdentifier, taskKey } from "./identifier.ts";
import { normalizePath, type PathProblem, pathCovers, pathKey, pathsOverlap } from "./path.ts";

export type ResourceKind = "task" | "lock" | "file";

/** Something that a lease can be on: `task:T003`, `lock:build`, `file:src/physics/collision.cpp`. */
export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
}

export const task = (name: string): Resource => ({ kind: "task", name });
export const lock = (name: string): Resource => ({ kind: "lock", name });
export const file = (name: string): Resource => ({ kind: "file", name });

export const BUILD: Resource = lock("build");

export function formatResource(resource: Resource): string {
  return `${resource.kind}:${resource.name}`;
}

/** Equal keys mean the same resource, however it is spelt. */
export function resourceKey(resource: Resource): string {
  switch (resource.kind) {
    case "task":
      return `task:${taskKey(resource.name)}`;
    case "lock":
      return `lock:${idKey(resource.name)}`;
    case "file":
      return `file:${pathKey(resource.name)}`;
  }
}

export function sameResource(a: Resource, b: Resource): boolean {
  return resourceKey(a) === resourceKey(b);
}

/** Whether leases of two holders on `a` and `b` exclude each other. */
export function overlaps(a: Resource, b: Resource): boolean {
  if (a.kind !== b.kind) return false;
  return a.kind === "file" ? pathsOverlap(a.name, b.name) : sameResource(a, b);
}

/** Whether a lease on `outer` is as good as one on `inner`: the same resource, or a directory above it. */
export function covers(outer: Resource, inner: Resource): boolean {
  if (outer.kind !== inner.kind) return false;
  return outer.kind === "file" ? pathCovers(outer.name, inner.name) : sameResource(outer, inner);
}

export type ResourceReading =
  | { readonly ok: true; readonly resource: Resource }
  | { readonly ok: false; readonly problem: PathProblem | "identifier" };

/** Reads `task:T003`, `lock:build` or `file:path`. Returns null when there is no kind in front. */
export function parseResource(text: string): ResourceReading | null {
  const match = /^(task|lock|file):(.*)$/is.exec(text);
  if (!match) return null;
  const kind = (match[1] ?? "").toLowerCase() as ResourceKind;
  const name = match[2] ?? "";
  if (kind === "file") {
    const reading = normalizePath(name);
    return reading.ok ? { ok: true, resource: file(reading.path) } : reading;
  }
  return isIdentifier(name) ? { ok: true, resource: { kind, name } } : { ok: false, problem: "identifier" };
}
