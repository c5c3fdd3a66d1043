import { resolve } from "node:path";
import type { Config } from "./config.ts";
import { type Endpoint, endpointKey, isLocalPath } from "./endpoint.ts";
import { type BadRemote, GitFailure } from "./errors.ts";

export interface RemoteWishes {
  /** `--remote`. */
  readonly flag: string | null;
  /** `COORD_REMOTE`. */
  readonly environment: string | null;
  /** The user's settings: the configured remotes, and `coord.remote`. */
  readonly config: Config;
  /** Path of the embedded repository. */
  readonly embedded: string;
  /** Whether `init` has made it. */
  readonly embeddedExists: boolean;
  /** What relative paths are relative to. */
  readonly directory: string;
}

/** Variables of `remote.<name>` that decide how the remote is reached. */
const CARRIED = ["proxy", "proxyAuthMethod", "receivepack", "uploadpack"] as const;

/**
 * Which remote holds the ledger: the one asked for; else the embedded one, once it exists; else `origin`; else
 * the only one; else, with no remote at all, the embedded one that `init` would make.
 * @throws GitFailure `bad_remote`, `ambiguous_remote`
 */
export function chooseEndpoint(wishes: RemoteWishes): Endpoint {
  const { config, embedded } = wishes;
  const asked = wishes.flag ?? wishes.environment ?? config.get("coord.remote");
  if (asked !== null) return askedFor(asked, wishes);
  const known = config.remotes();
  if (wishes.embeddedExists || known.length === 0) return embeddedEndpoint(embedded);
  const [first] = known;
  if (known.includes("origin")) return configured("origin", config);
  if (known.length === 1 && first !== undefined) return configured(first, config);
  throw new GitFailure({ code: "ambiguous_remote", known });
}

function embeddedEndpoint(path: string): Endpoint {
  const key = endpointKey("embedded", path);
  return { kind: "embedded", name: path, key, url: path, pushUrl: null, settings: [] };
}

function askedFor(asked: string, { config, directory, embedded }: RemoteWishes): Endpoint {
  const known = config.remotes();
  checkAddress(asked, asked, known);
  if (known.includes(asked)) return configured(asked, config);
  if (!/[/\\:]/.test(asked) && asked !== "." && asked !== "..") throw refuse(asked, "unknown_name", known);
  const url = isLocalPath(asked) ? resolve(directory, asked) : asked;
  if (url === embedded) return embeddedEndpoint(embedded);
  return { kind: "location", name: asked, key: endpointKey("location", url), url, pushUrl: null, settings: [] };
}

function configured(name: string, config: Config): Endpoint {
  const known = config.remotes();
  checkAddress(name, name, known);
  const pushUrl = config.all(`remote.${name}.pushurl`)[0] ?? null;
  const url = pushUrl ?? config.all(`remote.${name}.url`)[0];
  if (url === undefined) throw refuse(name, "no_url", known);
  checkAddress(name, url, known);
  if (config.get(`remote.${name}.vcs`)) throw refuse(name, "helper", known);
  const settings = CARRIED.flatMap((variable) => {
    const value = config.get(`remote.${name}.${variable}`);
    return value === null ? [] : [[variable, value] as const];
  });
  return { kind: "configured", name, key: endpointKey("configured", name), url, pushUrl, settings };
}

/** Refuses what git would take for an option, or for a program to run (`ext::sh -c …`). */
function checkAddress(remote: string, address: string, known: readonly string[]): void {
  if (address === "") throw refuse(remote, "empty", known);
  if (address.startsWith("-")) throw refuse(remote, "looks_like_an_option", known);
  if (/[\u0000-\u001f\u007f]/.test(address)) throw refuse(remote, "control_character", known);
  if (/^[A-Za-z0-9+.-]*::/.test(address)) throw refuse(remote, "helper", known);
}

function refuse(remote: string, why: BadRemote, known: readonly string[]): GitFailure {
  return new GitFailure({ code: "bad_remote", remote, why, known });
}
