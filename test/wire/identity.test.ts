import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { connectDevice, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { type ConnectOverrides, connectParams, openWire } from "../kit/wire.ts";

const PROXY_TOKEN = "SEC-between-proxy-and-gateway";

function trustedProxy(auth: Record<string, unknown> = {}) {
  return {
    gateway: {
      trustedProxies: ["127.0.0.1"],
      auth: {
        mode: "trusted-proxy",
        token: PROXY_TOKEN,
        trustedProxy: {
          userHeader: "x-user",
          requiredHeaders: ["x-forwarded-proto"],
          allowUsers: ["ann", "bob"],
          allowLoopback: true,
        },
        identityScopes: { ann: ["operator.admin"] },
        ...auth,
      },
    },
  };
}

const via = (user: string, more: Record<string, string> = {}) => ({
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-proto": "https",
  "x-user": user,
  "x-openclaw-proxy-token": PROXY_TOKEN,
  ...more,
});

async function attempt(
  gateway: TestGateway,
  headers: Record<string, string>,
  overrides: ConnectOverrides = {},
) {
  using client = await openWire(gateway.port, headers);
  await client.next((frame) => frame.event === "connect.challenge");
  return await client.request("connect", connectParams({ scopes: ["operator.admin"], ...overrides }));
}

test("trusted-proxy: the config says what a user may, and the proxy may only take away from it", async () => {
  await using gateway = await openGateway({ config: trustedProxy() });
  const full = await attempt(gateway, via("ann"));
  assert.equal(full.payload.auth.method, "trusted-proxy");
  assert.deepEqual(full.payload.auth.scopes, ["operator.admin"]);
  const capped = await attempt(gateway, via("ann", { "x-openclaw-scopes": "operator.read" }), {
    scopes: ["operator.admin", "operator.read"],
  });
  assert.deepEqual(capped.payload.auth.scopes, ["operator.read"]);
});

test("[AUTH-12] trusted-proxy: headers alone, or from a program that only plays the proxy, open nothing", async () => {
  await using gateway = await openGateway({ config: trustedProxy() });
  const cases: [headers: Record<string, string>, code: string][] = [
    [{}, "AUTH_UNAUTHORIZED"],
    [{ "x-user": "ann" }, "AUTH_UNAUTHORIZED"],
    [via("ann", { "x-openclaw-proxy-token": "guess" }), "AUTH_UNAUTHORIZED"],
    [via("mallory"), "AUTH_VERIFIED_USER_REQUIRED"],
    [via(""), "AUTH_IDENTITY_HEADER_REQUIRED"],
    [{ ...via("ann"), "x-forwarded-proto": "" }, "AUTH_IDENTITY_HEADER_REQUIRED"],
  ];
  for (const [headers, code] of cases) {
    const answer = await attempt(gateway, headers);
    assert.equal(answer.error?.details.code, code, JSON.stringify(headers));
  }
  const bare = { ...via("ann") } as Record<string, string>;
  delete bare["x-openclaw-proxy-token"];
  assert.equal((await attempt(gateway, bare)).error.details.code, "AUTH_UNAUTHORIZED");
  // The token is between proxy and gateway; it opens no other door.
  assert.equal((await attempt(gateway, {}, { token: PROXY_TOKEN })).ok, false);
  for (const headers of [{ "x-user": "ann" }, via("ann", { "x-openclaw-proxy-token": "guess" })]) {
    const { status } = await call({ port: gateway.port, path: "/v1/models", headers });
    assert.ok([401, 403].includes(status), String(status));
  }
  assert.equal((await call({ port: gateway.port, path: "/v1/models", headers: via("ann") })).status, 200);
  assert.equal((await call({ port: gateway.port, path: "/v1/models", headers: via("bob") })).status, 403);
});

test("[AUTH-08] trusted-proxy: a user the config says nothing of waits like any device, whatever it declares", async () => {
  await using gateway = await openGateway({ config: trustedProxy() });
  const page = { id: "openclaw-control-ui", mode: "webchat", version: "1", platform: "linux" };
  using client = await connectDevice(
    gateway.port,
    makeDevice(),
    { client: page, scopes: ["operator.admin"] },
    { ...via("bob"), origin: "https://claw.example", host: "claw.example" },
  );
  assert.equal(client.answer.error?.details.code, "PAIRING_REQUIRED");
  const without = await attempt(gateway, via("bob"));
  assert.deepEqual(without.payload.auth.scopes, []);
});

const UNSAFE = [
  ["no header for the user", { trustedProxy: { allowLoopback: true } }, /no userHeader is set/],
  [
    "a proxy on this machine without allowLoopback",
    { trustedProxy: { userHeader: "x-user" } },
    /any program could play it/,
  ],
  ["a proxy on this machine without a token", { token: undefined }, /any program could play it/],
] as const;
for (const [name, auth, message] of UNSAFE) {
  test(`[AUTH-12] trusted-proxy does not start with ${name}`, async () => {
    await assert.rejects(openGateway({ config: trustedProxy(auth) }), message);
  });
}

test("[AUTH-25] a webhook token that is the gateway's own stops the start", async () => {
  using state = makeState();
  const token = "SEC-one-for-both-4711";
  state.write(
    localConfig(1, { gateway: { auth: { mode: "token", token } }, hooks: { enabled: true, token } }),
  );
  await assert.rejects(openGateway({ state }), (error: Error & { exitCode?: number }) => {
    assert.match(error.message, /hooks\.token is the gateway's own token/);
    assert.equal(error.exitCode, 78);
    return true;
  });
});

/** `tailscale serve` in front, and a `tailscale` program that knows two addresses. */
async function withTailscale(config: Record<string, unknown> = {}) {
  const state = makeState(
    localConfig(1, {
      gateway: { auth: { mode: "token", token: "SEC-tail-0815", allowTailscale: true, ...config } },
    }),
  );
  const bin = join(state.dir, "bin");
  mkdirSync(bin, { recursive: true });
  const program = join(bin, "tailscale");
  writeFileSync(
    program,
    `#!/bin/sh
echo "$@" >> "${state.dir}/asked"
case "$3" in
  100.64.0.1) echo '{"Node":{"Name":"phone"},"UserProfile":{"LoginName":"ann@example.net"}}' ;;
  100.64.0.2) echo '{"UserProfile":{"LoginName":"bob@example.net"}}' ;;
  *) echo "peer not found" >&2; exit 1 ;;
esac
`,
  );
  chmodSync(program, 0o755);
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
  const gateway = await openGateway({ state, env });
  return {
    gateway,
    asked: () => readFileSync(join(state.dir, "asked"), "utf8").trim().split("\n"),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      state[Symbol.dispose]();
    },
  };
}

const served = (ip: string, login?: string) => ({
  "x-forwarded-for": ip,
  "x-forwarded-proto": "https",
  "x-forwarded-host": "claw.tail1234.ts.net",
  ...(login !== undefined && { "tailscale-user-login": login }),
});

test("Tailscale stands in for the secret, never for the pairing", async () => {
  await using tail = await withTailscale();
  const { gateway } = tail;
  const device = makeDevice();
  const headers = served("100.64.0.1", "ann@example.net");
  using client = await connectDevice(gateway.port, device, {}, headers);
  assert.equal(client.answer.error.details.code, "PAIRING_REQUIRED");
  const devices = await gateway.running.services.devices.open();
  devices.approve(
    { scopes: new Set(["operator.admin"]), deviceId: undefined },
    client.answer.error.details.requestId,
  );
  using again = await connectDevice(gateway.port, device, {}, headers);
  assert.equal(again.answer.payload.auth.method, "tailscale");
  assert.deepEqual(tail.asked(), ["whois --json 100.64.0.1"], "one question a minute");
});

test("headers of tailscale serve that Tailscale does not confirm open nothing", async () => {
  await using tail = await withTailscale();
  const { port } = tail.gateway;
  const refusal = async (headers: Record<string, string>) => {
    using client = await connectDevice(port, makeDevice(), {}, headers);
    return client.answer.error.details.code;
  };
  assert.equal(await refusal(served("100.64.0.2", "ann@example.net")), "AUTH_TAILSCALE_IDENTITY_MISMATCH");
  assert.equal(await refusal(served("100.64.9.9", "ann@example.net")), "AUTH_TAILSCALE_WHOIS_FAILED");
  assert.equal(await refusal(served("100.64.0.1")), "AUTH_TAILSCALE_IDENTITY_MISSING");
});

test("[AUTH-16] what Tailscale says of a client never opens the HTTP API", async () => {
  await using tail = await withTailscale();
  const headers = served("100.64.0.1", "ann@example.net");
  const answer = await call({ port: tail.gateway.port, path: "/v1/models", headers });
  assert.equal(answer.status, 401);
  const bare = await call({
    port: tail.gateway.port,
    path: "/v1/models",
    headers: { "tailscale-user-login": "ann@example.net" },
  });
  assert.equal(bare.status, 401);
});

test("[auth-retry-later-serialised] of two wrong secrets at once, with one allowed, the second is not even compared", async () => {
  await using tail = await withTailscale({ rateLimit: { maxAttempts: 1 } });
  const answers = await Promise.all(
    [1, 2].map(async () => {
      using client = await connectDevice(
        tail.gateway.port,
        makeDevice(),
        { token: "wrong" },
        served("100.64.9.9", "ann@example.net"),
      );
      return client.answer.error.details.code as string;
    }),
  );
  assert.deepEqual(answers.sort(), ["AUTH_RATE_LIMITED", "AUTH_TOKEN_MISMATCH"]);
});

test("[HTTP-03] a header that asks for more rights than the user has gives none", async () => {
  const identityScopes = { ann: ["operator.read"] };
  await using gateway = await openGateway({ config: trustedProxy({ identityScopes }) });
  const wider = via("ann", { "x-openclaw-scopes": "operator.admin,operator.write" });
  const body = { messages: [{ role: "user", content: "hello" }] };
  const answer = await call({ port: gateway.port, path: "/v1/chat/completions", headers: wider, body });
  assert.equal(answer.status, 403, answer.text);
  const socket = await attempt(gateway, wider, { scopes: ["operator.admin", "operator.read"] });
  assert.deepEqual(socket.payload.auth.scopes, []);
});
