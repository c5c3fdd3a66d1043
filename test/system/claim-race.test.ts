import { pathServer } from "../support/remote-server.ts";
import { claimRace } from "./claim-race.ts";
import { scale } from "./support/scale.ts";

claimRace("in clones of a path", { server: pathServer, runners: 16, rounds: scale(1, 50) });
claimRace("in windows of one clone", { server: pathServer, runners: 16, rounds: scale(1, 10), oneClone: true });

// All commits fall in the same second, so that nothing but the op id tells two attempts apart (FAILURES 1).
const frozenAt = Date.UTC(2026, 0, 21, 14, 30);
claimRace("whose clocks all stand still", {
  server: pathServer,
  runners: scale(8, 16),
  rounds: scale(1, 50),
  frozenAt,
});
