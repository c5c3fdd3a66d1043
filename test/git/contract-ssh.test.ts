import { realBranch } from "../support/real-branch.ts";
import { remoteContract } from "../support/remote-contract.ts";
import { sshServer } from "../support/ssh-server.ts";

remoteContract("ssh", () => realBranch(sshServer));
