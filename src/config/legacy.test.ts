import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { readOlderKeys } from "./legacy.ts";
import { mapLegacyWrite } from "./legacy-write.ts";
import { formatPath, parsePath } from "./path.ts";
import type { Config } from "./schema.ts";

const env = readEnv({ HOME: "/home/ann", OPENCLAW_IN_CONTAINER: "0" });
const read = (gateway: unknown, at = env) => {
  const { value, notices, paths } = readOlderKeys({ gateway }, at, "start");
  return { gateway: (value as { gateway: unknown }).gateway, notices, paths };
};

const LOADED: [string, object, object, string[]][] = [
  ["mode hybrid", { mode: "hybrid" }, { mode: "local", bind: "lan" }, ["gateway.mode"]],
  [
    "mode hybrid with a bind",
    { mode: "hybrid", bind: "loopback" },
    { mode: "local", bind: "loopback" },
    ["gateway.mode"],
  ],
  ["host localhost", { host: "localhost" }, { bind: "loopback" }, ["gateway.host"]],
  ["host 0.0.0.0", { host: "0.0.0.0" }, { bind: "lan" }, ["gateway.host"]],
  ["host ::", { host: "::" }, { bind: "lan" }, ["gateway.host"]],
  ["host *", { host: "*" }, { bind: "lan" }, ["gateway.host"]],
  ["host in a tailnet", { host: "100.101.102.103" }, { bind: "tailnet" }, ["gateway.host"]],
  [
    "another host",
    { host: "192.168.1.7" },
    { bind: "custom", customBindHost: "192.168.1.7" },
    ["gateway.host"],
  ],
  ["host beside a bind", { host: "0.0.0.0", bind: "loopback" }, { bind: "loopback" }, ["gateway.host"]],
  ["bind 0.0.0.0", { bind: "0.0.0.0" }, { bind: "lan" }, []],
  ["bind ::1", { bind: "::1" }, { bind: "loopback" }, []],
  [
    "bind to an address",
    { bind: "100.101.102.103" },
    { bind: "custom", customBindHost: "100.101.102.103" },
    [],
  ],
  ["a port no machine has", { port: 99_999 }, {}, []],
  ["port 0 as text", { port: "0" }, {}, []],
];
for (const [name, gateway, want, paths] of LOADED) {
  test(`loads ${name} with a notice`, () => {
    const result = read(gateway);
    assert.deepEqual(result.gateway, want);
    assert.deepEqual(result.paths, paths);
    assert.equal(result.notices.length, 1);
    assert.match(result.notices[0]!, /^gateway\.(mode|host|bind|port)/);
  });
}

const UNTOUCHED: object[] = [
  { host: "my.host" },
  { bind: "everywhere" },
  { token: 7 },
  { port: "abc" },
  { mode: "x" },
  { port: 3002 },
];
for (const gateway of UNTOUCHED) {
  test(`leaves ${JSON.stringify(gateway)} to validation`, () => {
    assert.deepEqual(read(gateway), { gateway, notices: [], paths: [] });
  });
}

const NOTICE = 'Found "gateway.token" in config. Use "gateway.auth.token" instead.';
const TOKENS: [string, object, object, NodeJS.ProcessEnv][] = [
  ["is used where there is nothing else", { token: "old" }, { auth: { token: "old" } }, {}],
  [
    "does not replace gateway.auth.token",
    { token: "old", auth: { token: "new" } },
    { auth: { token: "new" } },
    {},
  ],
  [
    "does not come beside a password",
    { token: "old", auth: { password: "p" } },
    { auth: { password: "p" } },
    {},
  ],
  [
    "does not come beside a token of the environment",
    { token: "old" },
    {},
    { OPENCLAW_GATEWAY_TOKEN: "env" },
  ],
];
for (const [name, gateway, want, variables] of TOKENS) {
  test(`[config-legacy-gateway-token] gateway.token ${name}`, () => {
    const result = read(gateway, readEnv({ HOME: "/h", OPENCLAW_IN_CONTAINER: "0", ...variables }));
    assert.deepEqual(result, { gateway: want, notices: [NOTICE], paths: ["gateway.token"] });
  });
}

const edits = (path: string, value: unknown, current: Config = {}) => {
  const mapped = mapLegacyWrite(parsePath(path), value, current);
  return {
    ...Object.fromEntries(mapped.edits.map((edit) => [formatPath(edit.path), edit.value])),
    ...(mapped.notice && { notice: mapped.notice }),
    updated: mapped.updated,
  };
};

const WRITES: [string, string, unknown, Config, object][] = [
  ["any other key", "gateway.port", 1, {}, { "gateway.port": 1, updated: "gateway.port" }],
  [
    "gateway.token",
    "gateway.token",
    "t",
    {},
    {
      "gateway.auth.token": "t",
      "gateway.token": undefined,
      "gateway.auth.mode": "token",
      updated: "gateway.auth.token (gateway.token is the older name)",
    },
  ],
  [
    "gateway.token where the mode is known",
    "gateway.token",
    "t",
    { gateway: { auth: { mode: "password" } } },
    {
      "gateway.auth.token": "t",
      "gateway.token": undefined,
      updated: "gateway.auth.token (gateway.token is the older name)",
    },
  ],
  [
    "gateway.host",
    "gateway.host",
    "0.0.0.0",
    {},
    {
      "gateway.bind": "lan",
      "gateway.host": undefined,
      updated: "gateway.bind (gateway.host is the older name)",
    },
  ],
  [
    "gateway.host after gateway.mode remote",
    "gateway.host",
    "0.0.0.0",
    { gateway: { mode: "remote" } },
    {
      "gateway.bind": "lan",
      "gateway.host": undefined,
      "gateway.mode": "local",
      updated: "gateway.bind (gateway.host is the older name)",
    },
  ],
  [
    "gateway.host of a client of another gateway",
    "gateway.host",
    "0.0.0.0",
    { gateway: { mode: "remote", remote: { url: "wss://h" } } },
    {
      "gateway.bind": "lan",
      "gateway.host": undefined,
      updated: "gateway.bind (gateway.host is the older name)",
    },
  ],
  [
    "an address as gateway.bind",
    "gateway.bind",
    "10.0.0.5",
    {},
    {
      "gateway.bind": "custom",
      "gateway.customBindHost": "10.0.0.5",
      notice: 'gateway.bind "10.0.0.5" is stored as custom',
      updated: "gateway.bind",
    },
  ],
  ["gateway.bind", "gateway.bind", "tailnet", {}, { "gateway.bind": "tailnet", updated: "gateway.bind" }],
  [
    "mode hybrid",
    "gateway.mode",
    "hybrid",
    {},
    {
      "gateway.mode": "local",
      "gateway.bind": "lan",
      notice: 'gateway.mode "hybrid" is stored as gateway.mode=local with gateway.bind=lan',
      updated: "gateway.mode",
    },
  ],
  ["mode remote", "gateway.mode", "remote", {}, { "gateway.mode": "remote", updated: "gateway.mode" }],
];
for (const [name, path, value, current, want] of WRITES) {
  test(`a write of ${name} goes to the keys of today`, () =>
    assert.deepEqual(edits(path, value, current), want));
}

test("a gateway.host that is no address is refused", () => {
  assert.throws(() => edits("gateway.host", "my.host"), /gateway\.host: expected an IP address/);
});
