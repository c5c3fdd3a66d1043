import { httpServer } from "../support/http-server.ts";
import { realBranch } from "../support/real-branch.ts";
import { remoteContract } from "../support/remote-contract.ts";

remoteContract("http", () => realBranch(httpServer));
