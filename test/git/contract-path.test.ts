import { realBranch } from "../support/real-branch.ts";
import { remoteContract } from "../support/remote-contract.ts";
import { pathServer } from "../support/remote-server.ts";

remoteContract("a path", () => realBranch(pathServer));
