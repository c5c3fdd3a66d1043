import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { makeBare, type RemoteServer } from "./remote-server.ts";
import type { Sandbox } from "./sandbox.ts";
import { findProgram, gitExecPath } from "./server-program.ts";

/** The four requests that git makes: to ask what is there, and to exchange objects, for a fetch and for a push. */
export type GitRequest = "ask_fetch" | "fetch" | "ask_push" | "push";

export type Fault =
  /** Answers instead of git. */
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Cuts the connection; git on the server hears of nothing. */
  | { readonly kind: "drop_before" }
  /** Lets git on the server do all of it, and cuts the connection instead of answering. */
  | { readonly kind: "drop_after" }
  /** Waits before git on the server hears of it, or before its answer is sent. */
  | { readonly kind: "hold"; readonly when: "before" | "after"; readonly until: Promise<unknown> };

export interface HttpServer extends RemoteServer {
  /** From now on these requests go wrong in this way. */
  fail(request: GitRequest, fault: Fault): void;
  /** From now on everything works. */
  heal(): void;
  /** From now on only this user is let in. */
  requirePassword(user: string, password: string): void;
  /** How many requests there have been. */
  readonly requests: Readonly<Record<GitRequest, number>>;
}

const WHO_ARE_YOU: Fault = { kind: "answer", status: 401, headers: { "www-authenticate": 'Basic realm="test"' } };

/** `git http-backend` behind a server of node's, on a loopback port that the system chooses. */
export async function httpServer(sandbox: Sandbox): Promise<HttpServer> {
  const backend = await findProgram("git-http-backend", [await gitExecPath()], "git (with git-http-backend)");
  const path = await makeBare(sandbox);
  const faults = new Map<GitRequest, Fault>();
  const requests = { ask_fetch: 0, fetch: 0, ask_push: 0, push: 0 };
  const children = new Set<ChildProcess>();
  let authorization: string | null = null;

  const server = createServer((request, response) => {
    const kind = kindOf(request);
    requests[kind] += 1;
    const isStranger = authorization !== null && request.headers.authorization !== authorization;
    serve(request, response, isStranger ? WHO_ARE_YOU : faults.get(kind)).catch((error: unknown) =>
      response.destroy(error as Error),
    );
  });

  async function serve(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (fault?.kind === "drop_before") return void request.socket.destroy();
    if (fault?.kind === "answer") {
      request.resume();
      response.writeHead(fault.status, { "content-type": "text/plain", ...fault.headers }).end("made to fail\n");
      return;
    }
    if (fault?.kind === "hold" && fault.when === "before") await fault.until;
    const answer = await runBackend(request);
    if (fault?.kind === "hold" && fault.when === "after") await fault.until;
    if (fault?.kind === "drop_after") return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async function runBackend(request: IncomingMessage): Promise<Answer> {
    const child = spawn(backend, {
      env: { ...sandbox.env, ...cgi(request, dirname(path)) },
      stdio: ["pipe", "pipe", "ignore"],
    });
    children.add(child);
    // The client may hang up; the server's git goes on with what it has got.
    child.stdin.on("error", () => {});
    request.on("error", () => child.stdin.end());
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(child, "close");
    children.delete(child);
    return parseAnswer(Buffer.concat(chunks));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([...children].map((child) => once(child, "close")));
  };
  sandbox.defer(stop);
  return {
    kind: "http",
    url: `http://127.0.0.1:${address.port}${path.slice(dirname(path).length)}`,
    path,
    env: {},
    stop,
    fail: (request, fault) => faults.set(request, fault),
    heal: () => faults.clear(),
    requirePassword(user, password) {
      authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    },
    requests,
  };
}

function kindOf(request: IncomingMessage): GitRequest {
  const url = request.url ?? "";
  const isPush = url.includes("git-receive-pack");
  if (url.includes("/info/refs")) return isPush ? "ask_push" : "ask_fetch";
  return isPush ? "push" : "fetch";
}

function cgi(request: IncomingMessage, root: string): Record<string, string> {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const header = (name: string) => String(request.headers[name] ?? "");
  const variables = {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    REQUEST_METHOD: request.method ?? "GET",
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: header("content-type"),
    CONTENT_LENGTH: header("content-length"),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
    GIT_PROTOCOL: header("git-protocol"),
    REMOTE_USER: "test",
    REMOTE_ADDR: "127.0.0.1",
  };
  // An empty length would be taken for a length: a body in chunks has none.
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function parseAnswer(output: Buffer): Answer {
  const end = output.indexOf("\r\n\r\n");
  const headers: Record<string, string> = {};
  let status = end < 0 ? 500 : 200;
  for (const line of output.toString("latin1", 0, Math.max(end, 0)).split("\r\n")) {
    const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else if (name) headers[name] = value;
  }
  return { status, headers, body: output.subarray(end < 0 ? 0 : end + 4) };
}
