// Starts a program, but not yet: node is up, says so, and goes on when its standard input is closed. Sixteen
// processes that stand here begin within milliseconds of each other.
import { pathToFileURL } from "node:url";

const program = process.argv[2];
process.argv.splice(1, 1);
process.stdout.write("ready\n");
process.stdin.resume();
await new Promise((resolve) => process.stdin.once("end", resolve));
await import(pathToFileURL(program).href);
