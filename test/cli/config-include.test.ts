import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import type { Ended } from "../kit/process.ts";
import { makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const MAIN = `{
  gateway: { $include: "./gateway.json5" }, // elsewhere
  cron: { enabled: true },
}
`;
const GATEWAY = `// the gateway alone
{
  mode: "local",
  port: 18800, // the usual one is taken
  auth: { mode: "token", token: "${TOKEN}" },
}
`;

const config = (state: StateFolder, ...args: string[]): Promise<Ended> => runHere(["config", ...args], state);

function spreadState() {
  const state = makeState(MAIN);
  const included = join(state.dir, "gateway.json5");
  writeFileSync(included, GATEWAY);
  return {
    ...state,
    included,
    gateway: () => readFileSync(included, "utf8"),
    main: () => readFileSync(state.configPath, "utf8").replace(/ {2}meta: \{[^}]*\},\n/, ""),
  };
}

test("config set writes into the included file, and history, diff and undo know", async () => {
  using state = spreadState();
  const set = await config(state, "set", "gateway.port", "18801");
  assert.deepEqual(
    [set.code, set.stdout],
    [0, "Updated gateway.port. Restart the gateway to apply.\n"],
    set.stderr,
  );
  assert.ok(set.stderr.includes(`notice: written to the included file ${state.included}`), set.stderr);
  assert.equal(state.gateway(), GATEWAY.replace("18800", "18801"));
  assert.equal(state.main(), MAIN);

  const history = await config(state, "history");
  assert.match(history.stdout, /^\* 2 {2}\S+ {2}openclaw config set gateway\.port in gateway\.json5$/m);
  const diff = await config(state, "diff");
  assert.match(diff.stdout, /^\+\+\+ gateway\.json5\n@@[\s\S]*^-.*18800.*\n\+.*18801/m);
  assert.ok(!diff.stdout.includes(TOKEN));

  writeFileSync(state.included, state.gateway().replace("18801", "7"));
  const byHand = JSON.parse((await config(state, "history", "--json")).stdout);
  assert.equal(byHand.changedByHand, true);
  assert.equal((await config(state, "undo", "1")).code, 0);
  assert.equal(state.gateway(), GATEWAY);
  const lines = (await config(state, "history")).stdout.split("\n");
  assert.match(lines[0]!, /^\* 4 .*openclaw config undo \(puts back 1\) in gateway\.json5$/);
  assert.match(lines[1]!, /^ {2}3 .*by hand in gateway\.json5$/);
});

test("a batch over several files is written as a whole or not at all", async () => {
  using state = spreadState();
  const batch = join(state.dir, "batch.json5");
  const write = (port: unknown) =>
    writeFileSync(
      batch,
      JSON.stringify([
        { path: "gateway.port", value: port },
        { path: "cron.enabled", value: false },
      ]),
    );
  write(99_999);
  const refused = await config(state, "set", "--batch-file", batch);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^Config validation failed: gateway\.port: /);
  assert.deepEqual([state.main(), state.gateway()], [MAIN, GATEWAY]);

  write(18_802);
  const dry = await config(state, "set", "--batch-file", batch, "--dry-run");
  assert.match(dry.stdout, /^\+ {2}cron: \{ enabled: false \},$/m);
  assert.match(
    dry.stdout,
    /^\+\+\+ gateway\.json5\n@@[\s\S]*^\+ {2}port: 18802, \/\/ the usual one is taken$/m,
  );
  assert.deepEqual([state.main(), state.gateway()], [MAIN, GATEWAY]);

  assert.equal((await config(state, "set", "--batch-file", batch)).code, 0);
  assert.equal(state.gateway(), GATEWAY.replace("18800", "18802"));
  assert.equal(state.main(), MAIN.replace("true", "false"));
  assert.equal((await config(state, "undo")).code, 0);
  assert.deepEqual([state.main(), state.gateway()], [MAIN, GATEWAY]);
});

test("config patch and unset reach included files, config set --json names them", async () => {
  using state = spreadState();
  const patched = await config(state, "patch", '{ gateway: { port: null, bind: "loopback" }, cron: null }');
  assert.equal(patched.code, 0, patched.stderr);
  assert.equal(state.main(), MAIN.replace("  cron: { enabled: true },\n", ""));
  assert.equal(
    state.gateway(),
    GATEWAY.replace("port: 18800, ", "").replace(
      `token: "${TOKEN}" },\n`,
      `token: "${TOKEN}" },\n  bind: "loopback",\n`,
    ),
  );
  assert.equal((await config(state, "unset", "gateway.bind")).code, 0);
  assert.doesNotMatch(state.gateway(), /bind/);
  const { stdout } = await config(state, "set", "gateway.port", "18803", "--json");
  assert.deepEqual(JSON.parse(stdout).included, [state.included]);
});

test("a value of one of several joined files is refused, with the file to edit", async () => {
  using state = spreadState();
  state.write(MAIN.replace('"./gateway.json5"', '["./gateway.json5", "./more.json5"]'));
  writeFileSync(join(state.dir, "more.json5"), "{}");
  const { code, stderr } = await config(state, "set", "gateway.port", "1");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Config write rejected: \S+ \(gateway\.port is in the included file \S+gateway\.json5\)\./,
  );
  assert.match(stderr, /fix: "\$\{EDITOR:-vi\}" \S+gateway\.json5\n$/);
  assert.equal(state.gateway(), GATEWAY);
});
