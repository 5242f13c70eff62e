import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { closureOf } from "../../scripts/imports.ts";
import { runHere } from "../kit/command.ts";
import { freePort } from "../kit/port.ts";
import { spawnOpenclaw } from "../kit/process.ts";
import { makeState, type StateFolder } from "../kit/state.ts";
import { noTerminal, openTerminal } from "../kit/terminal.ts";

test("setup without a terminal writes the baseline and says what is next", async () => {
  using state = makeState();
  const { code, stdout } = await runHere(
    ["setup", "--non-interactive", "--accept-risk", "--baseline"],
    state,
  );
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`Made ${state.configPath}\n`), stdout);
  assert.match(stdout, /\nNext: openclaw start\n$/);
  const { gateway } = JSON.parse(readFileSync(state.configPath, "utf8"));
  assert.deepEqual([gateway.mode, gateway.bind, gateway.auth.mode], ["local", "loopback", "token"]);
  assert.ok(!stdout.includes(gateway.auth.token), "the token is not printed unasked");
  assert.equal(statSync(state.configPath).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(state.dir), ["data", "openclaw.json"]);
  const data = readdirSync(join(state.dir, "data"));
  assert.deepEqual(data, ["config-history", "config.lock"], "nothing else is made");
});

test("setup repeated changes nothing", async () => {
  using state = makeState();
  await runHere(["setup"], state);
  const before = readFileSync(state.configPath, "utf8");
  const { stdout } = await runHere(["setup"], state);
  assert.match(stdout, /^Nothing to change in /);
  assert.equal(readFileSync(state.configPath, "utf8"), before);
});

test("setup adds the mode an existing config lacks and keeps the rest", async () => {
  using state = makeState(`{\n  // mine\n  "gateway": { "port": 18800 }\n}\n`);
  const { stdout } = await runHere(["setup", "--workspace", "/tmp/openclaw-ws"], state);
  assert.match(stdout, /^Updated gateway\.mode, agents\.defaults\.workspace in /);
  const text = readFileSync(state.configPath, "utf8");
  assert.match(text, /\/\/ mine/);
  assert.match(text, /"mode": "local"/);
});

test("setup leaves mode remote alone unless --mode local is asked for", async () => {
  using state = makeState({ gateway: { mode: "remote", remote: { url: "wss://gw.example.net" } } });
  assert.match((await runHere(["setup"], state)).stdout, /Mode +remote\n[\s\S]*Next: openclaw status\n$/);
  assert.match((await runHere(["setup", "--mode", "local"], state)).stdout, /^Updated gateway\.mode in /);
});

test("openclaw start on a new machine: a config, a gateway, an address that works, a clean end", async () => {
  using state = makeState();
  const port = await freePort();
  await using gateway = spawnOpenclaw(["start", "--port", String(port)], state);
  const [, token] = await gateway.printed(/#token=(\w{64})/);
  assert.equal(JSON.parse(readFileSync(state.configPath, "utf8")).gateway.auth.token, token);
  assert.equal((await runHere(["health"], state)).code, 0);
  gateway.child.kill("SIGINT");
  assert.equal((await gateway.ended).code, 0);
});

const configIn = (state: StateFolder) => JSON.parse(readFileSync(state.configPath, "utf8"));

test("onboard with options writes all of it at once, and prints no secret", async () => {
  using state = makeState();
  const words =
    "onboard --mode local --non-interactive --accept-risk --gateway-port 18811 --gateway-bind lan --model openai/gpt-5.5";
  const secrets = ["--api-key", "SEC-provider-key", "--token", "SEC-gateway-token-1"];
  const { code, stdout, stderr } = await runHere([...words.split(" "), ...secrets], state);
  assert.equal(code, 0, stderr);
  const { gateway, agents, models } = configIn(state);
  assert.deepEqual(
    [gateway.port, gateway.bind, gateway.auth, agents.defaults.model.primary, models.providers.openai.apiKey],
    [18_811, "lan", { mode: "token", token: "SEC-gateway-token-1" }, "openai/gpt-5.5", "SEC-provider-key"],
  );
  assert.ok(!/SEC-/.test(stdout + stderr));
  assert.match(stdout, /Reachable +gateway\.bind is lan, port 18811\n/);
});

test("setup as the client of another gateway", async () => {
  using state = makeState();
  const line = [
    "setup",
    "--mode",
    "remote",
    "--remote-url",
    "wss://gw.example.net",
    "--remote-token",
    "SEC-far",
  ];
  const { stdout } = await runHere(line, state);
  assert.match(stdout, /Mode +remote\n[\s\S]*Next: openclaw status\n$/);
  assert.deepEqual(configIn(state).gateway.remote, { url: "wss://gw.example.net", token: "SEC-far" });
});

for (const [line, says] of [
  ["setup --auth token --password x", /--auth token and --password contradict each other/],
  ["setup --api-key k", /--api-key needs --model/],
  ["setup --mode local --remote-url wss://x", /--remote-url goes with --mode remote/],
  ["setup --remote-url http://x", /an address begins with wss:\/\/ or ws:\/\//],
  ["setup --model gpt", /"gpt" is not a model reference/],
] as const) {
  test(`${line} is refused before anything is written`, async () => {
    using state = makeState();
    const { code, stderr } = await runHere(line.split(" "), state);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.equal(existsSync(state.dir), false);
  });
}

test("a model without a key is written and said to lack one", async () => {
  using state = makeState();
  const { code, stderr } = await runHere(["setup", "--model", "groq/llama"], state);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^notice: no API key for groq\/llama; openclaw config set models\.providers\.groq\.apiKey <key>\n/,
  );
});

test("configure without a terminal changes what its options say, and nothing without them", async () => {
  using state = makeState({
    gateway: { mode: "local", auth: { mode: "token", token: "SEC-token-of-mine" } },
  });
  const silent = await runHere(["configure"], state);
  assert.equal(silent.code, 1);
  assert.match(silent.stderr, /^configure needs an interactive terminal, or options/);
  const { code } = await runHere(["configure", "--auth", "token", "--port", "18822"], state);
  assert.equal(code, 0);
  assert.deepEqual(
    [configIn(state).gateway.auth.token, configIn(state).gateway.port],
    ["SEC-token-of-mine", 18_822],
  );
});

const ENTER = "\r";
const DOWN = "\x1b[B";

const BOT_TOKEN = "7000001:AAFakeTokenOfNobodyAtAll-123";

test("in a terminal setup asks, and writes once at the end", { skip: noTerminal }, async () => {
  using state = makeState();
  const port = await freePort();
  await using terminal = openTerminal(["setup"], {
    ...state,
    env: { ...state.env, OPENAI_API_KEY: "SEC-key" },
  });
  await terminal.shows(/Where does the gateway run\?/);
  terminal.type(ENTER);
  await terminal.shows(/Which model answers\?[\s\S]*openai\/gpt-5\.5/);
  terminal.type(ENTER);
  await terminal.shows(/Port of the gateway/);
  terminal.type(`\x15${port}${ENTER}`);
  await terminal.shows(/Who can reach it\?/);
  terminal.type(DOWN + ENTER);
  await terminal.shows(/Folder for the files of agents/);
  assert.equal(existsSync(state.dir), false, "nothing is written while it asks");
  terminal.type(ENTER);
  await terminal.shows(/Connect a chat app now/);
  terminal.type("y");
  await terminal.shows(/Which chat app\?[\s\S]*Telegram/);
  terminal.type(DOWN + ENTER);
  await terminal.shows(/Token of the bot/);
  terminal.type(`${BOT_TOKEN}${ENTER}`);
  await terminal.shows(/botToken: \(kept secret\)[\s\S]*Write it\?/);
  terminal.type(ENTER);
  await terminal.shows(/Next: openclaw start/);
  assert.equal(await terminal.ended, 0);
  const { gateway, agents, channels } = configIn(state);
  assert.deepEqual(channels.telegram, { enabled: true, dmPolicy: "pairing", botToken: BOT_TOKEN });
  assert.ok(!terminal.text().includes(BOT_TOKEN));
  assert.deepEqual([gateway.mode, gateway.port, gateway.bind], ["local", port, "lan"]);
  assert.match(gateway.auth.token, /^[0-9a-f]{64}$/);
  assert.equal(agents.defaults.model.primary, "openai/gpt-5.5");
  assert.ok(!terminal.text().includes("SEC-key") && !terminal.text().includes(gateway.auth.token));
});

test("Ctrl-C in the middle of setup leaves nothing, and of an old config all", {
  skip: noTerminal,
}, async () => {
  using state = makeState();
  await using terminal = openTerminal(["setup"], state);
  await terminal.shows(/Where does the gateway run\?/);
  terminal.type(ENTER);
  await terminal.shows(/Which model answers\?/);
  terminal.type("\x03");
  await terminal.shows(/setup was stopped[\s\S]*Nothing was written/);
  assert.equal(await terminal.ended, 1);
  assert.equal(existsSync(state.dir), false);
});

test("configure asks about one section and shows what it changes; a no changes nothing", {
  skip: noTerminal,
}, async () => {
  const text = '{\n  // mine\n  "gateway": { "mode": "local" },\n}\n';
  using state = makeState(text);
  await using terminal = openTerminal(["configure", "--section", "workspace"], state);
  await terminal.shows(/Folder for the files of agents/);
  terminal.type(`\x15/tmp/openclaw-ws${ENTER}`);
  await terminal.shows(/agents\.defaults\.workspace: \/tmp\/openclaw-ws[\s\S]*Write it\?/);
  terminal.type(`n`);
  await terminal.shows(/setup was stopped/);
  assert.equal(await terminal.ended, 1);
  assert.equal(readFileSync(state.configPath, "utf8"), text);
});

test("status and the start of a gateway load nothing of setup, backup, reset, completion and selftest", () => {
  for (const entry of ["src/cli/main.ts", "src/cli/commands/status.ts", "src/cli/commands/start.ts"]) {
    const loaded = [...closureOf(entry).files].filter((file) =>
      /cli\/(setup|backup|reset|completion|selftest)\//.test(file),
    );
    assert.deepEqual(loaded, [], entry);
  }
  const { packages } = closureOf("src/cli/commands/setup.ts");
  assert.ok(!packages.has("@clack/prompts"), "prompts are loaded by those who ask");
});
