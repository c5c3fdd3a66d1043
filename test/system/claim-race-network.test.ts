import { httpServer } from "../support/http-server.ts";
import { sshServer } from "../support/ssh-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

claimRace("in 16 clones over ssh", { server: sshServer, rounds: scale(1, 50) });
claimRace("in 16 clones over http", { server: httpServer, rounds: scale(1, 50) });
