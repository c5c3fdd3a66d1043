import { pathServer } from "../support/remote-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

const frozenAt = Date.UTC(2026, 0, 21, 14, 30);
claimRace("whose clocks all stand still", { server: pathServer, rounds: scale(2, 50), frozenAt });
