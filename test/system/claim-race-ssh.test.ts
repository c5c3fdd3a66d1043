import { sshServer } from "../support/ssh-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

claimRace("in 16 clones over ssh", { server: sshServer, rounds: scale(1, 50) });
