/** Tidies up the private repository of the folder that it is started in: see maintenance.ts. */
import { constants, setPriority } from "node:os";
import { dirname } from "node:path";
import { createLightGit } from "./light-git.ts";
import { maintain } from "./maintenance.ts";
import { coordFolder } from "./private-repository.ts";

// Whatever else goes on comes first.
setPriority(constants.priority.PRIORITY_LOW);
await maintain(createLightGit(process.env), coordFolder({ commonDir: dirname(process.cwd()) }));
