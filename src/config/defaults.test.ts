import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { effectiveValue } from "./defaults.ts";
import { parsePath } from "./path.ts";
import type { Config } from "./schema.ts";
import { kindOfPath } from "./schema-path.ts";

interface Situation {
  variables?: NodeJS.ProcessEnv;
  dev?: boolean;
  envPaths?: string[];
}

function ask(path: string, config: Config = {}, { variables, dev = false, envPaths = [] }: Situation = {}) {
  const env = readEnv({ HOME: "/home/ann", OPENCLAW_IN_CONTAINER: "0", ...variables });
  return effectiveValue({ config, envPaths }, parsePath(path), { paths: resolvePaths(env, { dev }), env });
}

const CASES: [string, ReturnType<typeof ask>, unknown, string | undefined][] = [
  ["a set value", ask("gateway.port", { gateway: { port: 1 } }), 1, "config"],
  [
    "a value of the environment",
    ask("gateway.port", { gateway: { port: 1 } }, { envPaths: ["gateway.port"] }),
    1,
    "env",
  ],
  ["the default port", ask("gateway.port"), 18_789, "default"],
  ["the default port of --dev", ask("gateway.port", {}, { dev: true }), 19_001, "default"],
  ["the default bind", ask("gateway.bind"), "loopback", "default"],
  [
    "the default bind in a container",
    ask("gateway.bind", {}, { variables: { OPENCLAW_IN_CONTAINER: "1" } }),
    "auto",
    "default",
  ],
  ["auth by token", ask("gateway.auth.mode"), "token", "default"],
  [
    "auth by password",
    ask("gateway.auth.mode", { gateway: { auth: { password: "p" } } }),
    "password",
    "default",
  ],
  ["the reload mode", ask("gateway.reload.mode"), "hybrid", "default"],
  ["the workspace", ask("agents.defaults.workspace"), "/home/ann/.openclaw/workspace", "default"],
  ["an unset object", ask("channels"), {}, "default"],
  ["a deeper unset object", ask("agents.defaults.models"), {}, "default"],
  ["an unset value without a default", ask("gateway.remote.url"), undefined, undefined],
  ["an entry that is not there", ask("models.providers.x"), undefined, undefined],
  ["a part of an entry that is not there", ask("models.providers.x.headers"), undefined, undefined],
  [
    "a part of an entry that is there",
    ask("models.providers.x.headers", { models: { providers: { x: {} } } }),
    {},
    "default",
  ],
  ["an unknown key", ask("gateway.prot"), undefined, undefined],
  ["gateway.host by default", ask("gateway.host"), "127.0.0.1", "virtual"],
  ["gateway.host with bind lan", ask("gateway.host", { gateway: { bind: "lan" } }), "0.0.0.0", "virtual"],
  [
    "gateway.host with an address",
    ask("gateway.host", { gateway: { bind: "custom", customBindHost: "10.0.0.5" } }),
    "10.0.0.5",
    "virtual",
  ],
  [
    "gateway.host in a container",
    ask("gateway.host", {}, { variables: { OPENCLAW_IN_CONTAINER: "1" } }),
    "0.0.0.0",
    "virtual",
  ],
  ["gateway.token", ask("gateway.token", { gateway: { auth: { token: "t" } } }), "t", "virtual"],
  ["gateway.token without one", ask("gateway.token"), undefined, undefined],
];
for (const [name, found, value, source] of CASES) {
  test(`in force: ${name}`, () => assert.deepEqual(found, source && { value, source }));
}

const KINDS: [string, ReturnType<typeof kindOfPath>][] = [
  ["gateway", "object"],
  ["gateway.port", "value"],
  ["gateway.trustedProxies", "list"],
  ["gateway.prot", undefined],
  ["gateway.port.x", undefined],
  ["gateway.auth.token", "value"],
  ["agents.list[0].model.primary", "value"],
  ["agents.list.x", undefined],
  ["channels.telegram", "object"],
  ["channels.telegram.apiRoot", "any"],
  ["wizard.lastRunAt", "any"],
  ["toString", undefined],
];
for (const [path, kind] of KINDS) {
  test(`${path} is ${kind ?? "no key"}`, () => assert.equal(kindOfPath(parsePath(path)), kind));
}
