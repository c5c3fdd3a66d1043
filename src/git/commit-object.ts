import type { Instant } from "../domain/instant.ts";
import type { Commit, NewCommit, Oid, Person } from "../ledger/ports.ts";

/** Reads a commit whatever its headers look like: a remote may hold what no git would write. */
export function parseCommit(oid: Oid, bytes: Uint8Array): Commit {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const end = text.indexOf("\n\n");
  const headers = (end < 0 ? text : text.slice(0, end)).split("\n");
  const all = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const committer = parseSignature(all("committer")[0] ?? "");
  return {
    oid,
    parents: all("parent"),
    tree: all("tree")[0] ?? "",
    author: parseSignature(all("author")[0] ?? "").person,
    committer: committer.person,
    at: committer.at,
    message: end < 0 ? "" : text.slice(end + 2),
  };
}

function parseSignature(text: string): { readonly person: Person; readonly at: Instant } {
  const [, name = text, email = "", seconds = "0"] = /^(.*?) ?<([^>]*)>(?: (-?\d{1,12}) .*)?$/.exec(text) ?? [];
  return { person: { name, email }, at: Number(seconds) * 1000 };
}

export function formatCommit(tree: Oid, { parent, author, committer, at, message }: NewCommit): Buffer {
  const time = `${Math.max(0, Math.floor(at / 1000))} +0000`;
  const lines = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${formatPerson(author)} ${time}`,
    `committer ${formatPerson(committer)} ${time}`,
    "",
    message.endsWith("\n") ? message : `${message}\n`,
  ];
  return Buffer.from(lines.join("\n"), "utf8");
}

/** Takes out what would end the name early, as git does: `git fsck` objects to the rest. */
function formatPerson({ name, email }: Person): string {
  const clean = (text: string) => text.replace(/[<>\u0000-\u001f\u007f]/g, "").trim();
  return `${clean(name) || "unknown"} <${clean(email)}>`;
}
