import { type Finding, finding } from "./finding.ts";
import type { Sharing } from "./ssh-connection.ts";
import { type Apart, PERSIST } from "./ssh-sharing.ts";

/** What `doctor` says about ssh connections. Null when the remote is not reached by ssh. */
export function inspectSsh(sharing: Sharing): Finding | null {
  if (sharing.kind === "apart") return apart(sharing.why);
  return finding("ssh", "ok", `exchanges share a connection, which stays open for ${PERSIST} s after the last one`);
}

function apart(why: Apart): Finding | null {
  const own = (words: string) => finding("ssh", "ok", `each exchange connects anew: ${words}`);
  switch (why) {
    case "not_ssh":
      return null;
    case "off":
      return own("coord.sshSharing says so");
    case "own_command":
      return own("how ssh is started is your own setting, which nothing is added to");
    case "windows":
      return own("ssh cannot share connections on Windows");
    case "two_hosts":
      return own("the remote is pushed to and fetched from at different hosts");
    case "no_folder":
      return own("there is no private folder with a short path that sockets can be in (XDG_RUNTIME_DIR, TMPDIR, /tmp)");
    case "not_openssh":
      return own("`ssh -G` does not tell the settings of ssh, as OpenSSH would");
    case "own_rules":
      return finding("ssh", "ok", "connections are shared, or not, as your ssh settings for the host say");
    case "bad_setting": {
      const hint = "`git config coord.sshSharing true` or `false`.";
      return finding("ssh", "warn", "each exchange connects anew: coord.sshSharing is neither true nor false", hint);
    }
  }
}
