import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../config/schema.ts";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { resolveTarget, type TargetFlags, type TargetInput } from "./target.ts";

interface Situation {
  flags?: TargetFlags;
  env?: NodeJS.ProcessEnv;
  gateway?: Config["gateway"];
  profile?: string;
  runningPort?: number;
  savedToken?: string;
}

function inputOf({ flags = {}, env, gateway, profile, runningPort, savedToken }: Situation): TargetInput {
  const read = readEnv({ HOME: "/home/u", ...env });
  return {
    flags,
    env: read,
    config: { gateway },
    paths: resolvePaths(read, { profile }),
    runningPort,
    savedToken,
  };
}

const target = (situation: Situation) => resolveTarget(inputOf(situation));

const ADDRESSES: { name: string; given: Situation; url: string }[] = [
  { name: "the usual port", given: {}, url: "ws://127.0.0.1:18789" },
  { name: "the port of --dev", given: { profile: "dev" }, url: "ws://127.0.0.1:19001" },
  { name: "the config's port", given: { gateway: { port: 3002 } }, url: "ws://127.0.0.1:3002" },
  {
    name: "the port the running gateway was started on, before the config's",
    given: { gateway: { port: 3002 }, runningPort: 4000 },
    url: "ws://127.0.0.1:4000",
  },
  {
    name: "the environment's port, before the running one's",
    given: { env: { OPENCLAW_GATEWAY_PORT: "5000" }, runningPort: 4000 },
    url: "ws://127.0.0.1:5000",
  },
  {
    name: "--port before everything",
    given: {
      flags: { port: 6000 },
      env: { OPENCLAW_GATEWAY_PORT: "5000", OPENCLAW_GATEWAY_URL: "ws://x.local" },
    },
    url: "ws://127.0.0.1:6000",
  },
  {
    name: "loopback for a gateway that listens everywhere",
    given: { gateway: { bind: "custom", customBindHost: "0.0.0.0" } },
    url: "ws://127.0.0.1:18789",
  },
  {
    name: "the one address a gateway listens on",
    given: { gateway: { bind: "custom", customBindHost: "fd00::7" } },
    url: "ws://[fd00::7]:18789",
  },
  {
    name: "the remote gateway of mode remote",
    given: { gateway: { mode: "remote", remote: { url: "wss://gw.example.net", token: "r" } } },
    url: "wss://gw.example.net/",
  },
  {
    name: "an http address as the WebSocket it means, without its fragment",
    given: { flags: { url: "http://127.0.0.1:3001/#token=x", token: "t" } },
    url: "ws://127.0.0.1:3001/",
  },
];

for (const { name, given, url } of ADDRESSES) {
  test(`asks ${name}`, () => assert.equal(target(given).url, url));
}

const auth = { token: "cfg-token", password: "cfg-password" };
const CREDENTIALS: { name: string; given: Situation; want: object }[] = [
  { name: "nothing known", given: {}, want: {} },
  { name: "the saved token", given: { savedToken: "saved" }, want: { token: "saved" } },
  {
    name: "the config before the saved token",
    given: { gateway: { auth }, savedToken: "s" },
    want: { token: "cfg-token" },
  },
  {
    name: "the password in password mode",
    given: { gateway: { auth: { ...auth, mode: "password" } } },
    want: { password: "cfg-password" },
  },
  {
    name: "the environment before the config",
    given: { gateway: { auth }, env: { OPENCLAW_GATEWAY_TOKEN: "env" } },
    want: { token: "env" },
  },
  {
    name: "a flag before the environment",
    given: { flags: { password: "flag" }, env: { OPENCLAW_GATEWAY_TOKEN: "env" } },
    want: { password: "flag" },
  },
  {
    name: "the remote's own token for the remote gateway",
    given: { gateway: { mode: "remote", auth, remote: { url: "wss://gw.example.net", token: "remote" } } },
    want: { token: "remote" },
  },
];

for (const { name, given, want } of CREDENTIALS) {
  test(`shows ${name}`, () => {
    const { source, ...shown } = target(given).credentials;
    assert.deepEqual(shown, want);
    assert.equal(source !== undefined, Object.keys(want).length > 0);
  });
}

for (const given of [
  { flags: { url: "ws://127.0.0.1:1" } },
  { env: { OPENCLAW_GATEWAY_URL: "ws://127.0.0.1:1" } },
] satisfies Situation[]) {
  test(`[conn-explicit-url-no-creds] the config's token is not shown to ${JSON.stringify(given)}`, () => {
    assert.throws(() => target({ ...given, gateway: { auth }, savedToken: "saved" }), {
      message: "gateway url override requires explicit credentials",
      fix: "pass --token or --password together with --url ws://127.0.0.1:1",
      exitCode: 1,
    });
  });
}

test("mode remote without a URL asks the local gateway and says so", () => {
  const { url, notices } = target({ gateway: { mode: "remote" } });
  assert.equal(url, "ws://127.0.0.1:18789");
  assert.match(notices.join(), /gateway\.remote\.url/);
});

test("credentials leave unencrypted only for this machine and private networks", () => {
  const token = "t";
  for (const host of [
    "localhost",
    "127.0.0.9",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.9",
    "100.100.1.1",
    "[::1]",
  ]) {
    assert.doesNotThrow(() => target({ flags: { url: `ws://${host}:1`, token } }), host);
  }
  for (const host of ["nas.local", "box.tail1234.ts.net", "[fd7a:115c:a1e0::1]"]) {
    assert.doesNotThrow(() => target({ flags: { url: `ws://${host}:1`, token } }), host);
  }
  for (const host of [
    "example.com",
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "10.example.com",
    "local",
    "[2001:db8::1]",
  ]) {
    assert.throws(
      () => target({ flags: { url: `ws://${host}:1`, token } }),
      /refusing to send credentials/,
      host,
    );
    assert.doesNotThrow(() => target({ flags: { url: `wss://${host}:1`, token } }), host);
  }
  const env = { OPENCLAW_ALLOW_INSECURE_PRIVATE_WS: "1" };
  assert.doesNotThrow(() => target({ env, flags: { url: "ws://example.com", token } }));
});

test("what is no gateway address is wrong usage", () => {
  for (const url of ["ftp://x", "gateway", "ws://"]) {
    assert.throws(() => target({ flags: { url, token: "t" } }), { exitCode: 2 }, url);
  }
});
