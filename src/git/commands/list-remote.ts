import type { GitCommand } from "../run.ts";

export type RemoteTip =
  | { readonly kind: "tip"; readonly oid: string }
  /** The remote answered, and has no such branch. */
  | { readonly kind: "absent" }
  | { readonly kind: "unreachable"; readonly words: string };

/** Asks the remote for its branch, and fetches nothing. Exit 2 is git's way to say "answered, but none". */
export function listRemote(remote: string, branch: string): GitCommand<RemoteTip> {
  const ref = `refs/heads/${branch}`;
  return {
    args: ["ls-remote", "--exit-code", remote, ref],
    parse({ exitCode, stdout, stderr }) {
      // The argument is a pattern that also fits `refs/x/refs/heads/…`.
      const line = stdout.split("\n").find((each) => each.endsWith(`\t${ref}`));
      if (exitCode === 0 && line !== undefined) return { kind: "tip", oid: line.slice(0, line.indexOf("\t")) };
      if (exitCode === 0 || exitCode === 2) return { kind: "absent" };
      return { kind: "unreachable", words: stderr.trim() };
    },
  };
}
