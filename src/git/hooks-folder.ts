import { constants } from "node:fs";
import { access, chmod, readdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readIfThere, replaceFile } from "./atomic-file.ts";
import { setConfig } from "./commands/set-config.ts";
import { unsetConfig } from "./commands/unset-config.ts";
import { type Repository, workingDirectory } from "./discover.ts";
import { GitFailure } from "./errors.ts";
import {
  CLIENT_HOOKS,
  PASSED_ON,
  PASSED_ON_IF_THERE,
  passOn,
  SERVER_HOOKS,
  type ShimPlace,
  shimOf,
} from "./hook-shims.ts";
import type { Git } from "./run.ts";

/** One hook of git-coord's own, as `hooks status` shows it. */
export interface HookState {
  readonly name: string;
  /** `replaced`: written, but something else has set `core.hooksPath` since, and git does not call it. */
  readonly state: "active" | "replaced" | "absent";
  /** The hook that was there before and is called first; null when there is none. */
  readonly chained: string | null;
}

/** What is needed to take the hooks away again. */
interface Installed {
  readonly version: 1;
  readonly scope: "--local" | "--worktree";
  /** The value of `core.hooksPath` in that scope; null: it had none. */
  readonly value: string | null;
  readonly before: string;
  readonly server: boolean;
  /** Where our hooks were then: a repository that was moved is recognised by it. Older records have none. */
  readonly path?: string;
}

const KEY = "core.hooksPath";

/**
 * git-coord's hooks, beside those that are there: in a folder of their own to which `core.hooksPath` points. Nothing
 * that is there is moved or changed, for husky's scripts know their own names; uninstalling restores one setting.
 */
export class HooksFolder {
  readonly #git: Git;
  readonly #repository: Repository;
  readonly path: string;

  constructor(git: Git, repository: Repository) {
    this.#git = git;
    this.#repository = repository;
    // A worktree with a setting of its own has hooks of its own before ours: what is chained cannot be shared.
    const isOfWorktree = this.#current().scope === "worktree";
    this.path = isOfWorktree
      ? join(repository.gitDir, "coord", "worktree-hooks")
      : join(repository.commonDir, "coord", "hooks");
  }

  get isBare(): boolean {
    return this.#repository.isBare;
  }

  async install(server: boolean, place: Omit<ShimPlace, "before">): Promise<readonly HookState[]> {
    const known = await this.#installed();
    const current = this.#current();
    const isOurs = known !== null && current.value === this.path;
    const isMoved = known !== null && !isOurs && current.value === known.path;
    // What was there before we came, also when the repository has another place since.
    const found = isMoved ? { scope: current.scope, value: known.value } : current;
    const installed: Installed = {
      ...(isOurs ? known : { version: 1, ...this.#found(found) }),
      ...{ server, path: this.path },
    };
    const own = server ? SERVER_HOOKS : CLIENT_HOOKS;
    const often = await Promise.all(
      PASSED_ON_IF_THERE.map(async (name) => ((await this.#isThere(installed, name)) ? [name] : [])),
    );
    const others = server ? CLIENT_HOOKS : SERVER_HOOKS;
    const { before } = installed;
    for (const name of own) await this.#write(name, shimOf(name, { ...place, before }));
    for (const name of [...others, ...PASSED_ON, ...often.flat()]) await this.#write(name, passOn(name, before));
    await replaceFile(join(this.path, "installed.json"), `${JSON.stringify(installed)}\n`);
    if (!isOurs) await this.#run(setConfig(installed.scope, KEY, this.path));
    return this.#states(installed, true);
  }

  /** @returns what was there; empty when nothing was */
  async uninstall(): Promise<readonly HookState[]> {
    const installed = await this.#installed();
    if (installed === null) return [];
    const { scope, value } = installed;
    const current = this.#current().value;
    const isOurs = current === this.path || (current !== null && current === installed.path);
    if (isOurs) await this.#run(value === null ? unsetConfig(scope, KEY) : setConfig(scope, KEY, value));
    const states = await this.#states(installed, isOurs);
    await rm(this.path, { recursive: true, force: true });
    return states;
  }

  async status(): Promise<readonly HookState[]> {
    const installed = await this.#installed();
    if (installed) return this.#states(installed, this.#current().value === this.path);
    const names = this.isBare ? SERVER_HOOKS : CLIENT_HOOKS;
    return names.map((name) => ({ name, state: "absent", chained: null }));
  }

  async #states(installed: Installed, isOurs: boolean): Promise<readonly HookState[]> {
    const names = installed.server ? SERVER_HOOKS : CLIENT_HOOKS;
    const there = new Set(await readdir(this.path).catch(() => []));
    return Promise.all(
      names.map(async (name) => ({
        name,
        state: !there.has(name) ? "absent" : isOurs ? "active" : "replaced",
        chained: (await this.#isThere(installed, name)) ? join(installed.before, name) : null,
      })),
    );
  }

  /** What `core.hooksPath` is now, and where that is written. */
  #current(): { readonly scope: string; readonly value: string | null } {
    const entry = this.#repository.config.entries.findLast(({ key }) => key === KEY.toLowerCase());
    return { scope: entry?.scope ?? "none", value: entry?.value ?? null };
  }

  #found({
    scope,
    value,
  }: {
    readonly scope: string;
    readonly value: string | null;
  }): Omit<Installed, "version" | "server" | "path"> {
    const own = scope === "local" || scope === "worktree";
    const standard = join(this.#repository.commonDir, "hooks");
    return {
      scope: scope === "worktree" ? "--worktree" : "--local",
      value: own ? value : null,
      before: value === null ? standard : value.replace(/^~(?=\/)/, homedir()),
    };
  }

  /** A relative folder is relative to where git runs hooks. */
  async #isThere({ before }: Installed, name: string): Promise<boolean> {
    const file = resolve(workingDirectory(this.#repository), before, name);
    return access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
  }

  async #write(name: string, script: string): Promise<void> {
    const file = join(this.path, name);
    await replaceFile(file, script);
    // Whatever this user's umask is, git must be able to run it.
    await chmod(file, 0o755);
  }

  async #installed(): Promise<Installed | null> {
    const text = await readIfThere(join(this.path, "installed.json"));
    return text === null ? null : (JSON.parse(text) as Installed);
  }

  async #run(command: ReturnType<typeof setConfig>): Promise<void> {
    const { exitCode, stderr } = await this.#git.run(command, { cwd: workingDirectory(this.#repository) });
    if (exitCode !== 0) throw new GitFailure({ code: "git_failed", command: "config", exitCode, words: stderr.trim() });
  }
}
