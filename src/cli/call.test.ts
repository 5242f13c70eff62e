import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { reach } from "./call.ts";
import type { Target } from "./target.ts";

const skip =
  spawnSync("openssl", ["version"]).status !== 0 && "openssl makes the certificate and is not installed";

/** A gateway behind a self-signed certificate that notes every token it is shown. */
async function secureGateway() {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-tls-"));
  const [keyFile, certFile] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const how = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...how, "-subj", "/CN=gw", "-keyout", keyFile, "-out", certFile], {
    stdio: "ignore",
  });
  const cert = readFileSync(certFile, "utf8");
  const server = createServer({ key: readFileSync(keyFile), cert });
  const shown: unknown[] = [];
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.send(
      JSON.stringify({ type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } }),
    );
    socket.on("message", (data) => {
      const { id, params } = JSON.parse(String(data));
      shown.push(params.auth.token);
      socket.send(JSON.stringify({ type: "res", id, ok: true, payload: { type: "hello-ok", protocol: 4 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    shown,
    fingerprint: new X509Certificate(cert).fingerprint256,
    target: (tlsFingerprint?: string): Target => ({
      url: `wss://127.0.0.1:${port}/`,
      host: "127.0.0.1",
      port,
      local: false,
      credentials: { token: "secret", source: "gateway.remote.token in the config" },
      notices: [],
      ...(tlsFingerprint !== undefined && { tlsFingerprint }),
    }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
}

const PATHS = resolvePaths(readEnv({ HOME: "/nowhere" }));
const OPTIONS = { scopes: ["operator.read"], timeoutMs: 5_000 } as const;

test("a pinned certificate is accepted although nobody vouches for it", { skip }, async () => {
  await using gateway = await secureGateway();
  const pins = [gateway.fingerprint, `sha256:${gateway.fingerprint.replaceAll(":", "").toLowerCase()}`];
  for (const pin of pins) {
    const reached = await reach(gateway.target(pin), OPTIONS, PATHS);
    assert.equal(reached.kind, "connected");
    if (reached.kind === "connected") reached.connection.close();
  }
  assert.deepEqual(gateway.shown, ["secret", "secret"]);
});

const REFUSED = [
  {
    name: "another certificate than the pinned one",
    pin: "00".repeat(32),
    reason: /not the one of gateway\.remote/,
  },
  {
    name: "any certificate where the pin is no fingerprint",
    pin: "zz",
    reason: /not the one of gateway\.remote/,
  },
  { name: "an unknown certificate without a pin", pin: undefined, reason: /self-signed|certificate/ },
];

for (const { name, pin, reason } of REFUSED) {
  test(`${name} is refused before the token is shown`, { skip }, async () => {
    await using gateway = await secureGateway();
    const reached = await reach(gateway.target(pin), OPTIONS, PATHS);
    assert.equal(reached.kind, "trouble");
    if (reached.kind === "trouble") assert.match(reached.trouble.reason, reason);
    assert.deepEqual(gateway.shown, []);
  });
}
