/** Tidies up the private repository of a clone over and over, and fills it again in between, until it is killed. */

import { maintain } from "../../../src/git/maintenance.ts";
import { coordFolder } from "../../../src/git/private-repository.ts";
import { createGit } from "../../../src/git/run.ts";
import { fillUp } from "../fill-up.ts";

const [commonDir = ""] = process.argv.slice(2);
const folder = coordFolder({ commonDir });
console.log("ready");
for (let round = 0; ; round += 1) {
  fillUp(folder.repository, `${process.pid} ${round}`);
  await maintain(createGit({ environment: process.env }), folder).catch((error: unknown) =>
    console.error(String(error)),
  );
}
