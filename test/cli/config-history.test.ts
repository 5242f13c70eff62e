import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import type { Ended } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

const config = (state: StateFolder, ...args: string[]): Promise<Ended> => runHere(["config", ...args], state);
const text = (state: StateFolder) => readFileSync(state.configPath, "utf8");
const copies = (state: StateFolder, kind: string) =>
  readdirSync(state.dir).filter((name) => name.startsWith(`openclaw.json.${kind}.`));

test("history, diff and undo of changes by command and by hand", async () => {
  using state = makeState(localConfig(18800));
  const byHand = text(state);
  await config(state, "set", "gateway.port", "18801");
  await config(state, "set", "gateway.auth.token", "another-secret-1");

  const { stdout } = await config(state, "history");
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^\* 3 {2}\d{4}-\S+Z {2}openclaw config set gateway\.auth\.token$/);
  assert.match(lines[1]!, /^ {2}2 {2}\S+ {2}openclaw config set gateway\.port$/);
  assert.match(lines[2]!, /^ {2}1 {2}\S+ {2}by hand$/);

  const diff = await config(state, "diff", "1");
  assert.match(diff.stdout, /^--- version 1, .*, by hand\n\+\+\+ .*openclaw\.json\n@@ /);
  assert.match(diff.stdout, /^-.*18800,?$/m);
  assert.match(diff.stdout, /^\+.*18801,?$/m);
  assert.ok(!diff.stdout.includes(TOKEN) && !diff.stdout.includes("another-secret-1"), diff.stdout);

  const undo = await config(state, "undo");
  assert.match(undo.stdout, /^Version 2 is back\. Change will apply without restarting the gateway\.\n$/);
  assert.match(undo.stderr, /^To take that back: openclaw config undo 3\n$/);
  assert.match(
    (await config(state, "undo")).stdout,
    /^Version 1 is back\. Restart the gateway to apply\.\n$/,
  );
  const { meta, ...rest } = JSON.parse(text(state));
  assert.deepEqual(rest, JSON.parse(byHand));
  assert.ok(meta.lastTouchedVersion);
});

test("history --json is for programs: no texts, no secrets", async () => {
  using state = makeState(localConfig(18800));
  await config(state, "set", "gateway.port", "18801");
  state.write(text(state).replace("18801", "18802"));
  const { stdout } = await config(state, "history", "--json");
  assert.ok(!stdout.includes(TOKEN));
  const { changedByHand, versions } = JSON.parse(stdout);
  assert.equal(changedByHand, true);
  assert.deepEqual(
    versions.map(({ number, author, command, current }: Record<string, unknown>) => ({
      number,
      author,
      command,
      current,
    })),
    [
      { number: 2, author: { kind: "cli" }, command: "config set gateway.port", current: false },
      { number: 1, author: { kind: "hand" }, current: false, command: undefined },
    ],
  );
  assert.match((await config(state, "diff")).stdout, /^-.*18801[\s\S]*^\+.*18802/m);
});

test("[config-syntaxerror] [H3] undo brings a broken file and a deleted one back; nothing comes back by itself", async () => {
  using state = makeState(localConfig(18800));
  await config(state, "set", "gateway.port", "18801");
  const good = text(state);
  state.write('{"gateway":{');
  for (const command of [["validate"], ["get", "gateway.port"], ["set", "gateway.port", "1"]]) {
    const { stderr } = await config(state, ...command);
    assert.match(stderr, /SyntaxError in config/);
    assert.equal(text(state), '{"gateway":{');
  }
  const shown = await config(state, "diff");
  assert.match(shown.stdout, /^\+\{"gateway":\{$/m);
  assert.equal((await config(state, "undo", "--yes")).code, 0);
  const port = async () => (await config(state, "get", "gateway.port")).stdout;
  assert.equal(await port(), "18801\n");
  rmSync(state.configPath);
  assert.equal((await config(state, "undo")).code, 0);
  assert.equal(await port(), "18801\n");
  assert.equal(JSON.parse(good).gateway.port, 18801);
});

test("--now is in the history, for every command that changes the config", async () => {
  using state = makeState(localConfig(18800));
  const whole = join(state.dir, "whole.json");
  const commands = [
    ["set", "gateway.port", "18801"],
    ["patch", "{ gateway: { port: 18802 } }"],
    ["unset", "gateway.port"],
    ["apply", whole],
    ["undo"],
  ];
  for (const command of commands) {
    writeFileSync(whole, text(state).replace('"mode"', '"port": 18803, "mode"'));
    const { code, stderr } = await config(state, ...command, "--now");
    assert.equal(code, 0, stderr);
  }
  await config(state, "set", "gateway.port", "18804");
  const { versions } = JSON.parse((await config(state, "history", "--json")).stdout);
  assert.deepEqual(
    versions.map(({ now }: { now?: boolean }) => now ?? false),
    [false, true, true, true, true, true, false],
  );
});

test("undo and diff without a history, and with wrong numbers", async () => {
  using state = makeState(localConfig(18800));
  const before = text(state);
  const cases = [
    {
      args: ["undo"],
      code: 1,
      says: /There is no earlier version to go back to\n {2}fix: openclaw config history/,
    },
    { args: ["undo", "7"], code: 1, says: /There is no version 7/ },
    { args: ["diff", "7"], code: 1, says: /There is no version 7/ },
    { args: ["diff", "x"], code: 2, says: /"x" is no number of a version/ },
  ];
  for (const { args, code, says } of cases) {
    const ended = await config(state, ...args);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], args.join(" "));
    assert.match(ended.stderr, says);
  }
  assert.equal(text(state), before);
});

test("[R13] config reset leaves a copy, the devices and the sessions, and says what comes next", async () => {
  using state = makeState(localConfig(18800, { logging: { level: "debug" } }));
  const before = text(state);
  await config(state, "set", "cron.enabled", "false");
  const sessions = join(state.dir, "data", "sessions.sqlite");
  writeFileSync(sessions, "sessions");
  const changed = text(state);
  const { code, stdout } = await config(state, "reset");
  assert.equal(code, 0);
  assert.match(stdout, /^Reset .*openclaw\.json to defaults\. Devices and sessions are as they were\.\n/);
  assert.match(stdout, /\nNext: openclaw setup\n$/);
  assert.deepEqual(Object.keys(JSON.parse(text(state))), ["meta"]);
  const [copy] = copies(state, "bak");
  assert.match(copy!, /^openclaw\.json\.bak\.\d{4}-\d\d-\d\dT[\d-]+Z$/);
  assert.equal(readFileSync(join(state.dir, copy!), "utf8"), changed);
  assert.equal(statSync(join(state.dir, copy!)).mode & 0o777, 0o600);
  assert.equal(readFileSync(sessions, "utf8"), "sessions");
  assert.equal((await runHere(["setup"], state)).code, 0);
  assert.equal((await config(state, "get", "gateway.mode")).stdout, "local\n");
  await config(state, "undo", "1");
  const { meta, ...rest } = JSON.parse(text(state));
  assert.deepEqual([rest, typeof meta], [JSON.parse(before), "object"]);
});

test("[config-syntaxerror] config reset works on a broken file, and without one", async () => {
  using state = makeState("{ broken");
  assert.equal((await config(state, "reset", "--yes")).code, 0);
  assert.equal(readFileSync(join(state.dir, copies(state, "bak")[0]!), "utf8"), "{ broken");
  assert.equal((await config(state, "validate")).code, 0);
  using none = makeState();
  const { code, stdout } = await config(none, "reset");
  assert.equal(code, 0);
  assert.match(stdout, /^Nothing to reset: .*\nNext: openclaw setup\n$/);
});

test("[config-invalid-at] config validate shows what changed since the gateway last ran with it", async () => {
  using state = makeState(localConfig(18800));
  writeFileSync(`${state.configPath}.last-good`, text(state));
  state.write(text(state).replace('"port"', '"prot"'));
  const { code, stderr } = await config(state, "validate");
  assert.equal(code, 1);
  assert.match(stderr, /^Invalid config at /);
  assert.match(stderr, /openclaw config undo[\s\S]*^ {2}-.*"port"[\s\S]*^ {2}\+.*"prot"/m);
  assert.ok(!stderr.includes(TOKEN));
});
