/** Tidies up the private repository of the folder that it is started in: see maintenance.ts. */
import { constants, setPriority } from "node:os";
import { dirname } from "node:path";
import { maintain } from "./maintenance.ts";
import { coordFolder } from "./private-repository.ts";
import { createGit } from "./run.ts";

// Whatever else goes on comes first.
setPriority(constants.priority.PRIORITY_LOW);
void maintain(createGit({ environment: process.env }), coordFolder({ commonDir: dirname(process.cwd()) }));
