import { httpServer } from "../support/http-server.ts";
import { sshServer } from "../support/ssh-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

claimRace("in clones over ssh", { server: sshServer, runners: scale(8, 16), rounds: scale(1, 50) });
claimRace("in clones over http", { server: httpServer, runners: scale(8, 16), rounds: scale(1, 50) });
