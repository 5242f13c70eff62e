import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { freePort, holdPort } from "../kit/port.ts";
import type { Ended } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

/** Runs a command for a gateway that is not there. */
async function whenDown(...args: string[]): Promise<Ended & { port: number }> {
  const port = await freePort();
  using state = makeState(localConfig(port));
  return { ...(await runHere(args, state)), port };
}

test("[status-not-connected] [service-gateway-stopped-status] [conn-gateway-unreachable] status of a stopped gateway", async () => {
  const { code, stdout, stderr, port } = await whenDown("status");
  assert.equal(code, 1);
  assert.match(stdout, /^Gateway:\s+not connected\ngateway: stopped\n/);
  assert.ok(stdout.includes(`Port:       ${port}\n`));
  assert.match(stderr, /^openclaw connection error: gateway unreachable\n/);
});

test("status --json says the same as data, exit 1", async () => {
  const { code, stdout, stderr, port } = await whenDown("status", "--json");
  const { connected, state, port: told, problem } = JSON.parse(stdout);
  assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
  assert.deepEqual([connected, state, told, problem.fix], [false, "stopped", port, "openclaw start"]);
});

for (const args of [["health"], ["gateway", "health"]]) {
  test(`[conn-error] [conn-econnrefused] ${args.join(" ")} fails at once and says what to do`, async () => {
    const { code, stdout, stderr, port } = await whenDown(...args);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.equal(
      stderr,
      "openclaw connection error: gateway unreachable\n" +
        `  connect ECONNREFUSED 127.0.0.1:${port} — nothing is listening there\n` +
        "  fix: openclaw start\n",
    );
  });
}

test("[ready-wait-timeout] health --wait gives up when its time is over", async () => {
  const { code, stderr } = await whenDown("health", "--wait", "300ms");
  assert.equal(code, 1);
  assert.match(stderr, /^timeout waiting for gateway: did not become ready\n {2}waited 300ms /);
});

test("[conn-gateway-connect-failed] [conn-refused] [conn-failed-to-connect-at] gateway call, in words and with the address", async () => {
  const { code, stderr, port } = await whenDown("gateway", "call", "health");
  assert.equal(code, 1);
  assert.match(stderr, /^gateway connect failed: connection refused\n/);
  assert.ok(stderr.includes(`failed to connect to gateway at 127.0.0.1:${port}`));
});

test("[conn-explicit-url-no-creds] a foreign URL needs its own credentials", async () => {
  const { code, stderr } = await whenDown("gateway", "call", "health", "--url", "ws://127.0.0.1:1");
  assert.equal(code, 1);
  assert.match(stderr, /^gateway url override requires explicit credentials\n/);
  assert.match(stderr, /fix: pass --token or --password together with --url ws:\/\/127\.0\.0\.1:1\n$/);
});

test("[send-failed-dash] agent says that the message was not sent", async () => {
  const { code, stdout, stderr } = await whenDown("agent", "--message", "hi");
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^Error: send failed — gateway not connected\n.*the message was not sent\n/);
});

test("[service-runtime-stopped] [probe-failed] [conn-econnrefused] gateway status, exit 0; with --require-rpc 1", async () => {
  const { code, stdout, port } = await whenDown("gateway", "status");
  assert.equal(code, 0);
  assert.match(stdout, /^Runtime: stopped\nConnectivity probe: failed\n/);
  assert.ok(stdout.includes(`connect ECONNREFUSED 127.0.0.1:${port}\n`));
  assert.match(stdout, /^Capability: unknown$/m);
  assert.equal((await whenDown("gateway", "status", "--require-rpc")).code, 1);
});

test("a foreign program on the port is told apart from a gateway", async () => {
  await using holder = await holdPort();
  holder.server.on("connection", (socket) => {
    socket.resume().end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  });
  using state = makeState(localConfig(holder.port));
  const status = await runHere(["gateway", "status"], state);
  assert.match(
    status.stdout,
    new RegExp(`^Listening: another program on 127\\.0\\.0\\.1:${holder.port}`, "m"),
  );
  const health = await runHere(["health"], state);
  assert.equal(health.code, 1);
  assert.match(health.stderr, /another program has that port\n {2}fix: openclaw config set gateway\.port/);
});

test("a silent program on the port costs no more than --timeout", async () => {
  await using holder = await holdPort();
  const sockets: { destroy(): void }[] = [];
  holder.server.on("connection", (socket) => sockets.push(socket));
  using state = makeState(localConfig(holder.port));
  const { code, stderr } = await runHere(["health", "--timeout", "300ms"], state);
  for (const socket of sockets) socket.destroy();
  assert.equal(code, 1);
  assert.match(stderr, /no answer in time/);
});

test("[send-no-active-connection] a message to a chat for a gateway that is down is not sent; one without that channel says so", async () => {
  const words = ["message", "send", "--channel", "telegram", "--target", "1", "--message", "hi"];
  const { code, stdout, stderr } = await whenDown(...words);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^Error: cannot send — no active gateway connection\n[\s\S]*fix: openclaw start\n$/);
  await using gateway = await openGateway();
  const refused = await runHere(words, gateway.state);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /the message was not sent: channel telegram is not configured\n.*openclaw channels add/,
  );
  const unknown = await runHere(words.with(3, "smoke"), gateway.state);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /the message was not sent: this gateway has no channel "smoke"/);
});
