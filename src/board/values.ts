import { isIdentifier } from "../domain/identifier.ts";
import { formatInstant, parseInstant } from "../domain/instant.ts";
import { normalizePath, type PathProblem } from "../domain/path.ts";
import { formatResource, lock, parseResource } from "../domain/resource.ts";
import { decodeText, encodePlain, encodeText, readsAsEmpty, stripMarks, unescapeText } from "./cells.ts";
import type { Column, Kind } from "./sections.ts";

/**
 * What one cell says: text, ids, paths and resources as strings in their normal form; instants
 * (milliseconds), fences, priorities and slots as numbers; null for nothing.
 */
export type Value = string | number | null;

/** A refusal carries a stable code, and words for "write … instead". */
export type ValueReading =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly expected: string };

const good = (value: Value): ValueReading => ({ ok: true, value });
const bad = (code: string, expected: string): ValueReading => ({ ok: false, code, expected });

/** What a task without a priority has. */
const USUAL_PRIORITY = 3;

const PATH_PROBLEMS: Readonly<Record<PathProblem, string>> = {
  empty: "a path inside the repository",
  absolute: "a path relative to the repository's root",
  outside: "a path that stays inside the repository",
  in_git: "a path outside of .git",
  wildcard: "one file, or a directory with a slash at its end; wildcards cannot be locked",
  whole_repository: "a file or directory inside the repository",
  control: "a path without control characters",
};

const ID = "an id of letters, digits, dots, underscores and hyphens, at most 64 of them";

function readNumber(text: string, most: number, code: string, expected: string): ValueReading {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  return number >= (code === "bad_fence" ? 0 : 1) && number <= most ? good(number) : bad(code, expected);
}

function readIds(text: string): ValueReading {
  const ids = text
    .split(/[\s,;]+/)
    .filter((id) => id !== "")
    .map(stripMarks);
  return ids.every(isIdentifier) ? good(ids.join(", ")) : bad("bad_identifier", "task ids, separated by commas");
}

function readResource(text: string): ValueReading {
  const reading = parseResource(text);
  if (reading === null) {
    return isIdentifier(text)
      ? good(formatResource(lock(text)))
      : bad("bad_resource", "task:ID, lock:NAME or file:PATH");
  }
  if (reading.ok) return good(formatResource(reading.resource));
  return bad("bad_resource", reading.problem === "identifier" ? ID : `file: and ${PATH_PROBLEMS[reading.problem]}`);
}

function readPath(text: string): ValueReading {
  const reading = normalizePath(text);
  return reading.ok ? good(reading.path) : bad("bad_path", PATH_PROBLEMS[reading.problem]);
}

function readPlain(kind: Exclude<Kind, "text">, text: string): ValueReading {
  switch (kind) {
    case "id":
      return isIdentifier(text) ? good(text) : bad("bad_identifier", ID);
    case "ids":
      return readIds(text);
    case "path":
      return readPath(text);
    case "resource":
      return readResource(text);
    case "instant": {
      const at = parseInstant(text);
      return at === null ? bad("bad_time", "a time such as 2026-01-21T14:30:00Z, or - for none") : good(at);
    }
    case "fence":
      return readNumber(text, 999_999_999_999_999, "bad_fence", "a whole number, or - for none");
    case "priority":
      return readNumber(text.replace(/^p/i, ""), 999, "bad_priority", "a whole number from 1 (highest) to 999");
    case "slots":
      return readNumber(
        text,
        999_999,
        "bad_slots",
        "how many may hold it at once, 1 or more, or - for a lock that nobody declared",
      );
  }
}

/** Reads a cell's source (trimmed). Where the rules come from: domain/ for each kind of value, CLI.md for ids and paths. */
export function readValue(kind: Kind, source: string): ValueReading {
  if (kind === "text") return good(decodeText(source));
  const inner = stripMarks(source);
  if (readsAsEmpty(inner)) return good(kind === "priority" ? USUAL_PRIORITY : null);
  return readPlain(kind, unescapeText(inner));
}

/** The source of a cell that {@link readValue} reads as this value. Never empty, so that rows keep their cells. */
export function writeValue(column: Column, value: Value): string {
  if (value === null) return column.empty;
  if (typeof value === "string") return column.kind === "text" ? encodeText(value) : encodePlain(value);
  return column.kind === "instant" ? formatInstant(value) : String(value);
}

/** What a row says in a column that its table does not have. */
export function absentValue(kind: Kind): Value {
  const reading = readValue(kind, "");
  return reading.ok ? reading.value : null;
}
