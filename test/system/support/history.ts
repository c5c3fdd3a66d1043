import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { RemoteServer } from "../../support/remote-server.ts";
import type { Sandbox } from "../../support/sandbox.ts";

/** One commit of the branch, read by git alone. */
export interface Link {
  readonly commit: string;
  readonly parents: readonly string[];
  /** Seconds. */
  readonly committedAt: number;
  readonly op: string;
  readonly actor: string;
  readonly resources: readonly string[];
  readonly opId: string;
}

/** What a clone made just now has. */
export interface History {
  /** A bare clone. */
  readonly path: string;
  /** From the root to the tip. */
  readonly links: readonly Link[];
}

const trailer = (key: string) => `%(trailers:key=Coord-${key},valueonly,separator=%x20)`;
const FORMAT = ["%H", "%P", "%ct", ...["Op", "Actor", "Resource", "Op-Id"].map(trailer)].join("%x00");

/** Clones the branch anew, and demands what must hold of every history: a sound, straight chain from one root. */
export async function freshHistory(sandbox: Sandbox, server: RemoteServer): Promise<History> {
  const path = join(await mkdtemp(join(sandbox.path, "fresh-")), "repo.git");
  const clone = ["clone", "--quiet", "--bare", "--single-branch", "--branch=coordination", server.url, path];
  await promisify(execFile)("git", clone, { env: { ...sandbox.env, ...server.env } });
  await sandbox.git(path, "fsck", "--strict", "--full");
  const log = await sandbox.git(path, "log", "--topo-order", "--reverse", `--format=${FORMAT}`, "coordination");
  const links = log.split("\n").map(readLink);
  expect(links.map(({ parents }) => parents)).toEqual(links.map((_, at) => (at === 0 ? [] : [links[at - 1]?.commit])));
  return { path, links };
}

function readLink(line: string): Link {
  const [commit = "", parents = "", time = "", op = "", actor = "", resources = "", opId = ""] = line.split("\0");
  const words = (text: string) => text.split(" ").filter(Boolean);
  return { commit, parents: words(parents), committedAt: Number(time), op, actor, resources: words(resources), opId };
}
