import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway[Symbol.asyncDispose]());

for (const path of ["/health", "/healthz"]) {
  test(`[HTTP-14] ${path} says that the gateway lives, and nothing else`, async () => {
    const answer = await call({ port: gateway.port, path });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { ok: true, status: "live" });
  });
}

for (const path of ["/ready", "/readyz"]) {
  test(`${path} is ready once started, with figures for a local caller`, async () => {
    const { status, json } = await call({ port: gateway.port, path });
    assert.equal(status, 200);
    assert.equal(json.ready, true);
    assert.deepEqual(json.failing, []);
    assert.equal(typeof json.uptimeMs, "number");
  });
}

for (const path of ["/startup", "/startupz"]) {
  test(`${path} tells the version to a local caller`, async () => {
    const { status, json } = await call({ port: gateway.port, path });
    assert.equal(status, 200);
    assert.equal(json.status, "started");
    assert.match(json.version, /^\d{4}\.\d+\.\d+/);
  });
}

test("probes take GET and HEAD only", async () => {
  const posted = await call({ port: gateway.port, path: "/healthz", body: {} });
  assert.equal(posted.status, 405);
  assert.equal(posted.headers.allow, "GET, HEAD");
  assert.equal(posted.text, "Method Not Allowed");
  const head = await call({ port: gateway.port, path: "/healthz", method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
});

test("[proxy-untrusted-forwarded] liveness passes a proxy nobody listed, everything else says how to list it", async () => {
  const headers = { "x-forwarded-for": "203.0.113.9" };
  assert.equal((await call({ port: gateway.port, path: "/health", headers })).status, 200);
  const refused = await call({ port: gateway.port, path: "/v1/models", headers, token: gateway.token });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.error.type, "proxy_attribution_required");
  assert.match(
    refused.json.error.message,
    /Proxy client attribution is required.*openclaw config set gateway\.trustedProxies/s,
  );
});

test("[AUTH-18] a foreign Host gets 421 and no page", async () => {
  const { status, text } = await call({ port: gateway.port, path: "/", headers: { host: "rebind.example" } });
  assert.equal(status, 421);
  assert.ok(!text.includes("<html"));
});

test("a remote caller without the secret learns whether it is ready, not why", async () => {
  await using behind = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  const headers = { "x-forwarded-for": "203.0.113.9" };
  assert.deepEqual((await call({ port: behind.port, path: "/readyz", headers })).json, { ready: true });
  const known = await call({ port: behind.port, path: "/readyz", headers, token: behind.token });
  assert.ok("uptimeMs" in known.json);
});

for (const path of ["/nope", "/v1/nope", "/v1", "/api/x", "/hooks/x", "/tools/nope"]) {
  test(`${path} is a JSON 404`, async () => {
    const { status, json } = await call({ port: gateway.port, path });
    assert.equal(status, 404);
    assert.equal(json.error.type, "not_found");
  });
}

for (const path of [
  "/../health",
  "/%2e%2e/health",
  "//health",
  "/./health",
  "/x/../health",
  "/\\evil/health",
  "http://evil.example/health",
]) {
  test(`[AUTH-39] ${path} is not another spelling of /health`, async () => {
    assert.equal((await call({ port: gateway.port, path })).status, 404);
  });
}

test("[HTTP-05] no answer grants another origin anything", async () => {
  const { headers } = await call({
    port: gateway.port,
    path: "/v1/models",
    token: gateway.token,
    headers: { origin: "http://evil.example" },
  });
  assert.equal(headers["access-control-allow-origin"], undefined);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "no-referrer");
});
