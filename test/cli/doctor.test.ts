import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { folderState, idsOf, runDoctor } from "../kit/doctor.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

const healthy = async () => localConfig(await freePort(), { agents: { defaults: { model: "demo/echo" } } });

test("a healthy gateway: no blocking finding, exit 0, nothing on the disk changes", async () => {
  using state = makeState(await healthy());
  await using gateway = await spawnGateway(state);
  await until(
    "the gateway has written what it writes",
    () =>
      ["openclaw.json.last-good", "data/config-history/000001.json"].every((name) =>
        existsSync(join(state.dir, name)),
      ) && !existsSync(join(state.dir, "data/config.lock-journal")),
  );
  const before = Object.keys(folderState(state.dir));
  const { code, stdout } = await runHere(["doctor"], state);
  assert.equal(code, 0, stdout);
  assert.doesNotMatch(stdout, /^(error|warning)/m);
  assert.match(stdout, /no problems found \(\d+ checks in \d+ ms\)$/m);
  assert.match(stdout, new RegExp(`listening on :${gateway.port} \\(older guides say 3001\\)`));
  assert.deepEqual(Object.keys(folderState(state.dir)), before);
  const { durationMs } = await runDoctor(state);
  assert.ok(durationMs < 1_500, `${durationMs} ms`);
});

test("a broken config: what was seen, why, the fix, and what --fix would do", async () => {
  using state = makeState('{\n  gateway: { mode: "local" port: 18999 },\n}\n');
  const { code, stdout } = await runHere(["doctor"], state);
  assert.equal(code, 1);
  assert.match(stdout, /^error {4}.+ \[config-syntax\]$/m);
  assert.match(stdout, /openclaw\.json:2:28 — SyntaxError in config/);
  assert.match(stdout, /openclaw doctor --fix will put the slip right: added the missing comma/);
  assert.match(stdout, /^ +- {2}gateway: \{ mode: "local" port: 18999 \},$/m);
  assert.match(stdout, /^ +\+ {2}gateway: \{ mode: "local", port: 18999 \},$/m);
  assert.match(stdout, /1 error.*openclaw doctor --fix repairs 1$/m);
});

test("--fix says what it did, exits 0 so that && goes on, and --undo takes it back", async () => {
  const broken = '{\n  gateway: { mode: "local" port: 18999 },\n}\n';
  using state = makeState(broken);
  const fixed = await runHere(["doctor", "--repair"], state);
  assert.equal(fixed.code, 0, fixed.stdout);
  assert.match(fixed.stdout, /^fixed {4}.+ \[config-syntax\]$/m);
  assert.match(fixed.stdout, /the file as it was: .*openclaw\.json\.clobbered\.\d{4}-\d\d-\d\dT[\d-]+Z/);
  const again = await runHere(["doctor", "--fix"], state);
  assert.equal(again.code, 0);
  assert.doesNotMatch(again.stdout, /^fixed/m);
  const undone = await runHere(["doctor", "--undo"], state);
  assert.equal(undone.code, 0);
  assert.match(undone.stdout, /^taken back: put the slip right/m);
  assert.equal(readFileSync(state.configPath, "utf8"), broken);
  const nothing = await runHere(["doctor", "--undo"], state);
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /There is no repair of the doctor to take back/);
});

test("the history says who repaired what", async () => {
  using state = makeState({ gateway: { port: 18999 } });
  await runHere(["doctor", "--fix"], state);
  const { stdout } = await runHere(["config", "history"], state);
  assert.match(stdout, /openclaw doctor --fix \(gateway-mode\)/);
});

const LINT = [
  { name: "nothing from --severity-min on", args: [], config: healthy, code: 0 },
  {
    name: "a warning",
    args: [],
    config: async () => ({ ...(await healthy()), agents: { defaults: { model: "openai/x" } } }),
    code: 1,
  },
  {
    name: "a warning, and errors are wanted",
    args: ["--severity-min", "error"],
    config: async () => ({ ...(await healthy()), agents: { defaults: { model: "openai/x" } } }),
    code: 0,
  },
  { name: "an error", args: ["--severity-min", "error"], config: async () => ({}), code: 1 },
  { name: "a check that does not exist", args: ["--only", "no-such-check"], config: healthy, code: 2 },
  { name: "an option that changes something", args: ["--fix"], config: healthy, code: 2 },
];

for (const { name, args, config, code } of LINT) {
  test(`--lint: ${name} is exit code ${code}`, async () => {
    using state = makeState(await config());
    await using _gateway = name.startsWith("nothing") ? await spawnGateway(state) : undefined;
    const before = readFileSync(state.configPath);
    const skip = name.includes("wanted") || name === "a warning" ? ["--skip", "gateway-state"] : [];
    const result = await runHere(["doctor", "--lint", ...args, ...skip], state);
    assert.equal(result.code, code, result.stdout + result.stderr);
    assert.deepEqual(readFileSync(state.configPath), before);
  });
}

test("--only and --skip choose checks, with or without what other programs put in front", async () => {
  using state = makeState({ gateway: { port: 18999 }, bogus: 1 });
  assert.deepEqual(idsOf(await runDoctor(state, ["--only", "gateway-mode"])), []);
  assert.deepEqual(idsOf(await runDoctor(state, ["--only", "core/doctor/config-file"])), ["config-invalid"]);
  assert.ok(!idsOf(await runDoctor(state, ["--skip", "config-file"])).includes("config-invalid"));
});

test("--generate-gateway-token really writes one, and says nothing of it", async () => {
  using state = makeState(await healthy());
  const { code, stdout, stderr } = await runHere(["doctor", "--generate-gateway-token"], state);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stderr, /Gateway token configured/);
  const token = JSON.parse(readFileSync(state.configPath, "utf8")).gateway.auth.token;
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.ok(!stdout.includes(token) && !stderr.includes(token));
});

test("[CONF-07] over the wire the gateway tells what it finds, without secrets and repairs, to readers only", async () => {
  const config = await healthy();
  using state = makeState(config);
  await using gateway = await spawnGateway(state);
  state.write({ ...config, bogus: TOKEN });
  using client = await connectWire(gateway.port, { token: TOKEN });
  const { payload } = await client.request("doctor.check");
  const found = payload.findings.find(({ id }: { id: string }) => id === "config-invalid");
  assert.deepEqual([found.check, found.severity], ["config-file", "error"]);
  assert.ok(!JSON.stringify(payload).includes(TOKEN));
  assert.equal(found.repair, undefined);
  using stranger = await connectWire(gateway.port, { token: TOKEN, scopes: [] });
  assert.equal((await stranger.request("doctor.check")).ok, false);
});

test("[config-reload-skipped] status and /readyz say that the file is not in force, and when it is again", async () => {
  const config = await healthy();
  using state = makeState(config);
  await using gateway = await spawnGateway(state);
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/readyz`);
    return (await answer.json()) as { findings: { id: string }[] };
  };
  state.write('{ "gateway": {');
  await gateway.printed(
    /config reload skipped \(invalid config\):[\s\S]*\[doctor\] .*\[config-not-in-force\]/,
  );
  assert.ok((await ready()).findings.some(({ id }: { id: string }) => id === "config-not-in-force"));
  const { stdout, code } = await runHere(["status"], state);
  assert.equal(code, 0);
  assert.match(stdout, /^Problems: .*\[config-truncated\]\n {2}fix: openclaw /m);
  state.write(config);
  await gateway.printed(/no longer: .*\[config-not-in-force\]/);
  assert.deepEqual((await ready()).findings, []);
});

test("R16: doctor --fix works while the gateway runs, and the gateway follows", async () => {
  const config = await healthy();
  using state = makeState(config);
  await using gateway = await spawnGateway(state);
  await gateway.printed(/ready/);
  state.write('Here it is:\n{ "gateway": { "mode": "local" } }');
  await gateway.printed(/config reload skipped/);
  const { code, stdout } = await runHere(["doctor", "--fix", "--only", "config-file,config-reload"], state);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /\[config-prefix\]/);
  assert.doesNotMatch(stdout, /config-not-in-force/);
  assert.equal(gateway.child.exitCode, null);
});
