import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { applyOverrides } from "./overrides.ts";
import type { Config } from "./schema.ts";

const apply = (variables: NodeJS.ProcessEnv, gateway: Config["gateway"] = {}) => {
  const env = readEnv({ HOME: "/h", OPENCLAW_IN_CONTAINER: "0", ...variables });
  const { config, envPaths, notices } = applyOverrides({ gateway }, env);
  return { gateway: config.gateway, envPaths, notices: notices.length };
};

test("without variables the config stays the same object", () => {
  const config: Config = { gateway: { port: 1 } };
  const env = readEnv({ HOME: "/h", OPENCLAW_IN_CONTAINER: "0" });
  assert.equal(applyOverrides(config, env).config, config);
});

test("the environment beats the file, and says so", () => {
  const variables = {
    OPENCLAW_GATEWAY_MODE: "local",
    OPENCLAW_GATEWAY_PORT: "3002",
    OPENCLAW_GATEWAY_BIND: "0.0.0.0",
    OPENCLAW_GATEWAY_TOKEN: "env",
  };
  const file: Config["gateway"] = {
    mode: "remote",
    port: 1,
    bind: "loopback",
    auth: { token: "file", allowTailscale: true },
  };
  assert.deepEqual(apply(variables, file), {
    gateway: {
      mode: "local",
      port: 3002,
      bind: "lan",
      auth: { token: "env", allowTailscale: true, mode: "token" },
    },
    envPaths: ["gateway.port", "gateway.bind", "gateway.mode", "gateway.auth.token", "gateway.auth.mode"],
    notices: 0,
  });
});

const SECRETS: [string, NodeJS.ProcessEnv, Config["gateway"], object | undefined][] = [
  [
    "a password settles the mode",
    { OPENCLAW_GATEWAY_PASSWORD: "p" },
    { auth: { token: "t" } },
    { token: "t", password: "p", mode: "password" },
  ],
  [
    "a mode in the file stays",
    { OPENCLAW_GATEWAY_PASSWORD: "p" },
    { auth: { mode: "token" } },
    { mode: "token", password: "p" },
  ],
  [
    "both settle nothing",
    { OPENCLAW_GATEWAY_PASSWORD: "p", OPENCLAW_GATEWAY_TOKEN: "t" },
    {},
    { token: "t", password: "p" },
  ],
];
for (const [name, variables, gateway, auth] of SECRETS) {
  test(`secrets of the environment: ${name}`, () =>
    assert.deepEqual(apply(variables, gateway).gateway?.auth, auth));
}

const MODES: [string, NodeJS.ProcessEnv, Config["gateway"], object, number][] = [
  ["hybrid is local with lan", { OPENCLAW_GATEWAY_MODE: "hybrid" }, {}, { mode: "local", bind: "lan" }, 0],
  [
    "hybrid keeps a bind",
    { OPENCLAW_GATEWAY_MODE: "hybrid" },
    { bind: "loopback" },
    { mode: "local", bind: "loopback" },
    0,
  ],
  [
    "remote with bind lan serves the LAN",
    {},
    { mode: "remote", bind: "lan" },
    { mode: "local", bind: "lan" },
    1,
  ],
  [
    "remote in a container serves the LAN",
    { OPENCLAW_GATEWAY_MODE: "remote", OPENCLAW_IN_CONTAINER: "1" },
    {},
    { mode: "local", bind: "lan" },
    1,
  ],
  ["remote elsewhere is a client", { OPENCLAW_GATEWAY_MODE: "remote" }, {}, { mode: "remote" }, 0],
  [
    "remote with an address is a client, whatever the bind",
    {},
    { mode: "remote", bind: "lan", remote: { url: "wss://h" } },
    { mode: "remote", bind: "lan", remote: { url: "wss://h" } },
    0,
  ],
];
for (const [name, variables, gateway, want, notices] of MODES) {
  test(`mode ${name}`, () => {
    const result = apply(variables, gateway);
    assert.deepEqual(result.gateway, want);
    assert.equal(result.notices, notices);
  });
}

for (const [name, value] of [
  ["OPENCLAW_GATEWAY_MODE", "lokal"],
  ["OPENCLAW_GATEWAY_BIND", "everywhere"],
] as const) {
  test(`a ${name} that cannot be used is named`, () => {
    assert.throws(
      () => apply({ [name]: value }),
      (error) =>
        error instanceof Fault && error.exitCode === 78 && error.message.startsWith(`${name}="${value}"`),
    );
  });
}
