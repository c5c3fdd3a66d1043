/** The warden's program: see warden.ts. */
import { keepWatch } from "./warden.ts";

// Signals that a terminal or a shutdown sends to everybody: the command gets them, too, and the warden stays to the end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

void keepWatch(process.stdin, process.stdout).then(() => process.exit(0));
