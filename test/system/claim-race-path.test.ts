import { pathServer } from "../support/remote-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

claimRace("in 16 clones of a path", { server: pathServer, rounds: scale(3, 50) });
claimRace("in 16 windows of one clone", { server: pathServer, rounds: scale(1, 50), oneClone: true });
