import { rename } from "node:fs/promises";
import { makeClone, openClone } from "./clone.ts";
import type { SharedBranch } from "./remote-contract.ts";
import type { RemoteServer } from "./remote-server.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

/** Two clones of a real server, for the contract of `Remote`. */
export async function realBranch(makeServer: (sandbox: Sandbox) => Promise<RemoteServer>): Promise<SharedBranch> {
  const sandbox = await openSandbox();
  const server = await makeServer(sandbox);
  const open = async () => openClone(await makeClone(sandbox, server));
  const sides = await Promise.all([open(), open()]);
  const ref = "refs/heads/coordination";
  return {
    sides,
    async setTip(tip) {
      await sandbox.git(server.path, "update-ref", ...(tip === null ? ["-d", ref] : [ref, tip]));
    },
    async disconnect() {
      if (server.kind === "path") await rename(server.path, `${server.path}.away`);
      else await server.stop();
    },
    dispose: () => sandbox.dispose(),
  };
}
