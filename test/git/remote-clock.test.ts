import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Endpoint } from "../../src/git/endpoint.ts";
import { inspectRemoteClock } from "../../src/git/remote-clock.ts";

const HOUR = 3_600_000;

const at = (url: string): Endpoint => ({
  kind: "location",
  name: url,
  key: "key",
  url,
  pushUrl: null,
  settings: [],
});

/** A web server whose clock is so far off, and that lets nobody in. */
async function serverOff(offset: number): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader("date", new Date(Date.now() + offset).toUTCString());
    response.writeHead(401).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/repo.git`;
}

test.each([
  [0, "ok", "agrees"],
  [HOUR, "warn", "behind the remote's"],
  [-HOUR, "warn", "ahead of the remote's"],
] as const)("a remote over http whose clock is %i ms off", async (offset, status, words) => {
  const finding = await inspectRemoteClock(at(await serverOff(offset)));
  expect(finding).toMatchObject({ name: "remote clock", status, message: expect.stringContaining(words) });
});

test("what cannot be had is said, or left out where the remote is this machine", async () => {
  expect(await inspectRemoteClock(at("ssh://host/repo.git"))).toMatchObject({
    status: "ok",
    message: expect.stringContaining("not known"),
  });
  expect(await inspectRemoteClock(at("http://127.0.0.1:1/repo.git"))).toMatchObject({ status: "ok" });
  expect(await inspectRemoteClock(at("../repo.git"))).toBeNull();
});
