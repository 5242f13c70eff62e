import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { makeState } from "../../test/kit/state.ts";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";
import { ensureFirstConfig } from "./first-run.ts";

function firstRun(variables: NodeJS.ProcessEnv = {}) {
  const state = makeState();
  const env = readEnv({ ...state.env, ...variables });
  const paths = resolvePaths(env);
  return {
    ...state,
    paths,
    run: () => ensureFirstConfig(paths, env, "2026.11.1"),
    gateway: () => JSON.parse(readFileSync(state.configPath, "utf8")).gateway,
  };
}

test("a new user gets a private config for this machine only, with a random token", async () => {
  using one = firstRun();
  using two = firstRun();
  assert.deepEqual([await one.run(), await two.run()], [{ created: true }, { created: true }]);
  const { auth, ...rest } = one.gateway();
  assert.deepEqual(rest, { mode: "local", bind: "loopback" });
  assert.equal(auth.mode, "token");
  assert.match(auth.token, /^[0-9a-f]{64}$/);
  assert.notEqual(auth.token, two.gateway().auth.token);
  assert.equal(statSync(one.configPath).mode & 0o777, 0o600);
});

test("the token of an earlier start stays valid", async () => {
  using state = firstRun();
  mkdirSync(dirname(state.paths.tokenFile), { recursive: true });
  writeFileSync(state.paths.tokenFile, "saved-token-3f9a1c77\n");
  await state.run();
  assert.deepEqual(state.gateway().auth, { mode: "token", token: "saved-token-3f9a1c77" });
});

for (const name of ["OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD"]) {
  test(`with ${name} the file has no secret and does not contradict it`, async () => {
    using state = firstRun({ [name]: "from-env" });
    await state.run();
    assert.deepEqual(state.gateway(), { mode: "local", bind: "loopback" });
  });
}

test("an existing file is left alone, whatever is in it", async () => {
  using state = firstRun();
  state.write("broken {");
  assert.deepEqual(await state.run(), { created: false });
  assert.equal(readFileSync(state.configPath, "utf8"), "broken {");
});
