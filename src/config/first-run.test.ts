import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { ensureFirstConfig } from "./first-run.ts";

function machine(variables: NodeJS.ProcessEnv = {}) {
  const home = mkdtempSync(join(tmpdir(), "openclaw-first-"));
  const env = readEnv({ HOME: home, ...variables });
  const paths = resolvePaths(env);
  return {
    paths,
    first: () => ensureFirstConfig(paths, env, "2026.11.1"),
    config: () => JSON.parse(readFileSync(paths.configPath, "utf8")),
    [Symbol.dispose]: () => rmSync(home, { recursive: true }),
  };
}

test("a new machine gets a private config: local, loopback, a random token", async () => {
  using one = machine();
  using two = machine();
  assert.deepEqual(await one.first(), { created: true });
  await two.first();
  const { gateway } = one.config();
  assert.deepEqual([gateway.mode, gateway.bind, gateway.auth.mode], ["local", "loopback", "token"]);
  assert.match(gateway.auth.token, /^[0-9a-f]{64}$/);
  assert.notEqual(gateway.auth.token, two.config().gateway.auth.token);
  assert.equal(statSync(one.paths.configPath).mode & 0o777, 0o600);
});

test("an existing config is left alone, whatever is in it", async () => {
  using place = machine();
  mkdirSync(place.paths.stateDir);
  writeFileSync(place.paths.configPath, "not even JSON");
  assert.deepEqual(await place.first(), { created: false });
  assert.equal(readFileSync(place.paths.configPath, "utf8"), "not even JSON");
});

test("the token clients already have stays valid", async () => {
  using place = machine();
  mkdirSync(place.paths.dataDir, { recursive: true });
  writeFileSync(place.paths.tokenFile, "saved-by-an-earlier-start\n");
  await place.first();
  assert.equal(place.config().gateway.auth.token, "saved-by-an-earlier-start");
});

test("a secret in the environment is not copied into the file", async () => {
  using place = machine({ OPENCLAW_GATEWAY_TOKEN: "from-env" });
  await place.first();
  assert.equal(place.config().gateway.auth, undefined);
});
