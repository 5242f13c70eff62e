import assert from "node:assert/strict";
import { test } from "node:test";
import { localConfig, makeState } from "../../test/kit/state.ts";
import { loadConfig } from "../config/load.ts";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { resolveSettings } from "./settings.ts";

async function originsFor(config: Record<string, unknown>, flags: { bind?: string; port?: number } = {}) {
  using state = makeState(config);
  const env = readEnv(state.env);
  const paths = resolvePaths(env);
  const loaded = await loadConfig({ paths, env });
  const settings = resolveSettings({
    env,
    paths,
    loaded,
    flags: { allowUnconfigured: false, verbose: false, ...flags },
  });
  return settings.perimeter.allowedOrigins;
}

test("H24: beyond loopback the origins of this machine are known, with the port in force", async () => {
  assert.deepEqual(await originsFor(localConfig(18_789), { bind: "lan", port: 3_000 }), [
    "http://localhost:3000",
    "http://127.0.0.1:3000",
  ]);
  const tls = localConfig(4_000, { gateway: { bind: "lan", tls: { enabled: true } } });
  assert.deepEqual(await originsFor(tls), ["https://localhost:4000", "https://127.0.0.1:4000"]);
});

test("on loopback none is added, and a list of the owner is taken as it is", async () => {
  assert.deepEqual(await originsFor(localConfig(18_789)), []);
  const allowedOrigins = ["https://claw.example.net"];
  const listed = localConfig(18_789, { gateway: { bind: "lan", controlUi: { allowedOrigins } } });
  assert.deepEqual(await originsFor(listed), allowedOrigins);
});
