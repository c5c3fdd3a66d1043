import type { Readable, Writable } from "node:stream";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { shortened } from "../domain/printable.ts";
import { CoordServer, type ServerParts } from "./server.ts";

export interface ServeParts extends ServerParts {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Aborted when the process is told to end. */
  readonly interrupted: AbortSignal;
}

/**
 * The longest message that is read: one that is too long for the board is to be answered, not to end the server.
 * Beyond that the stream is given up, as it must be.
 */
const LONGEST_MESSAGE = 64 * 1024 * 1024;

/**
 * Serves until the client has gone: its end of the pipe is closed, ours breaks, or the process is told to end. Then
 * gives back what the session holds, and returns. Nothing but the protocol is written to `stdout`.
 */
export async function serveMcp(parts: ServeParts): Promise<void> {
  const { stdin, stdout, interrupted, report } = parts;
  const server = new CoordServer(parts);
  // Each answer that waits for the client to read listens for itself.
  stdout.setMaxListeners(0);
  const transport = new StdioServerTransport(stdin, stdout, { maxBufferSize: LONGEST_MESSAGE });
  const gone = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) stdin.once(event, () => resolve());
    stdout.once("error", () => resolve());
    if (interrupted.aborted) resolve();
    interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
  const handle = serveStdio(() => server.build(), {
    transport,
    onerror: ({ message }) => report(shortened(message, 200)),
  });
  const { onclose } = transport;
  const closed = new Promise<void>((resolve) => {
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  await Promise.race([gone, closed]);
  await server.close();
  await handle.close();
  stdin.destroy();
}
