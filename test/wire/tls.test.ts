import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocket } from "ws";
import { runHere } from "../kit/command.ts";
import { openGateway } from "../kit/gateway.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";

const secure = (more: object = {}) => ({ gateway: { tls: { enabled: true, ...more } } });

function getSecure(port: number, path: string): Promise<{ status: number; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, rejectUnauthorized: false }, (response) => {
      const { fingerprint256 } = (
        response.socket as unknown as { getPeerCertificate(): { fingerprint256: string } }
      ).getPeerCertificate();
      response.resume();
      resolve({ status: response.statusCode!, fingerprint: fingerprint256 });
    });
    sent.once("error", reject);
    sent.end();
  });
}

test("gateway.tls makes a certificate once, serves HTTPS and WSS with it, and nothing in the clear", async () => {
  using state = makeState(localConfig(1, secure()));
  let fingerprint: string;
  {
    await using gateway = await openGateway({ state });
    const health = await getSecure(gateway.port, "/health");
    assert.equal(health.status, 200);
    ({ fingerprint } = health);
    assert.ok(gateway.console.some((line) => line.includes(`tls certificate fingerprint=${fingerprint}`)));
    assert.equal(statSync(join(state.dir, "data/tls/key.pem")).mode & 0o777, 0o600);
    const socket = new WebSocket(`wss://127.0.0.1:${gateway.port}/`, { rejectUnauthorized: false });
    const first = await new Promise<string>((resolve) =>
      socket.once("message", (data) => resolve(String(data))),
    );
    assert.match(first, /connect\.challenge/);
    socket.terminate();
    const plain = new WebSocket(`ws://127.0.0.1:${gateway.port}/`);
    await assert.rejects(
      new Promise((resolve, reject) => {
        plain.once("open", resolve);
        plain.once("error", reject);
      }),
    );
  }
  await using again = await openGateway({ state });
  assert.equal((await getSecure(again.port, "/health")).fingerprint, fingerprint);
});

test("a certificate of the owner is used; one that does not fit stops the start with 78", async () => {
  using state = makeState(localConfig(1, secure()));
  {
    await using _maker = await openGateway({ state });
  }
  const [certPath, keyPath] = ["cert.pem", "key.pem"].map((name) => join(state.dir, "data/tls", name));
  using other = makeState(localConfig(1, secure({ certPath, keyPath })));
  {
    await using gateway = await openGateway({ state: other });
    assert.equal((await getSecure(gateway.port, "/health")).status, 200);
  }
  const refused = async (tls: object, message: RegExp) => {
    other.write(localConfig(1, secure(tls)));
    await assert.rejects(openGateway({ state: other }), (error: Error & { exitCode?: number }) => {
      assert.match(error.message, message);
      assert.equal(error.exitCode, 78);
      return true;
    });
  };
  writeFileSync(join(other.dir, "broken.pem"), "no key");
  await refused({ certPath, keyPath: join(other.dir, "broken.pem") }, /cannot be used/);
  await refused({ certPath, keyPath: join(other.dir, "missing.pem") }, /cannot read/);
  await refused({ certPath }, /there is no certificate for it/);
  await refused({ autoGenerate: false }, /there is no certificate for it/);
});

test("commands on this machine pin the certificate of their gateway", async () => {
  const port = await freePort();
  using state = makeState(localConfig(port, secure()));
  await using _gateway = await spawnGateway(state);
  for (const args of [["health"], ["status"], ["health", "--check"], ["devices", "list"], ["restart"]]) {
    const { code, stdout, stderr } = await runHere(args, state);
    assert.equal(code, 0, `${args.join(" ")}\n${stdout}\n${stderr}`);
  }
  const status = await runHere(["status", "--json"], state);
  const fingerprint = JSON.parse(status.stdout).running.tls?.fingerprint;
  assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.match((await runHere(["dashboard"], state)).stdout, /^https:\/\/127\.0\.0\.1:/);

  // Another certificate in its place: somebody else listens there, or the file is not the gateway's.
  using stranger = makeState(localConfig(1, secure()));
  {
    await using _maker = await openGateway({ state: stranger });
  }
  writeFileSync(join(state.dir, "data/tls/cert.pem"), readFileSync(join(stranger.dir, "data/tls/cert.pem")));
  const { code, stderr } = await runHere(["health"], state);
  assert.equal(code, 1);
  assert.match(stderr, /certificate/);
});
