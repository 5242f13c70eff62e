import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { localConfig, makeState, type StateFolder } from "../kit/state.ts";

const configOf = (state: StateFolder) => JSON.parse(readFileSync(state.configPath, "utf8"));
const runner =
  (state: StateFolder, env = {}) =>
  (...line: string[]) =>
    runHere(line, state, env);

test("agents: the first one that is added does not take the place of the one that was there unnamed", async () => {
  using state = makeState(localConfig(1));
  const openclaw = runner(state);
  assert.match((await openclaw("agents", "add", "Work", "--name", "Work")).stdout, /^Added agent work\./);
  assert.deepEqual(configOf(state).agents.entries, { main: { default: true }, work: { name: "Work" } });
  assert.match((await openclaw("agents")).stdout, /^main \(default\) .*\nwork +Work /m);
  assert.match((await openclaw("agents", "add", "work")).stderr, /there is an agent "work" already/);
  assert.match((await openclaw("agents", "add", "a b")).stderr, /cannot be the id of an agent/);
  assert.match((await openclaw("agents", "delete", "nobody")).stderr, /there is no agent "nobody"/);
});

test("agents: an agent of agents.list stays in the list", async () => {
  using state = makeState(localConfig(1, { agents: { list: [{ id: "main" }] } }));
  const openclaw = runner(state);
  await openclaw("agents", "add", "work", "--model", "demo/echo");
  assert.deepEqual(configOf(state).agents.list, [{ id: "main" }, { id: "work", model: "demo/echo" }]);
  await openclaw("agents", "delete", "work");
  assert.deepEqual(configOf(state).agents.list, [{ id: "main" }]);
  const last = await openclaw("agents", "delete", "main");
  assert.deepEqual([last.code, /the only one/.test(last.stderr)], [1, true]);
});

test("agents: what is bound to one cannot be bound to another, and goes with its agent", async () => {
  using state = makeState(
    localConfig(1, { agents: { entries: { main: { default: true }, work: {}, home: {} } } }),
  );
  const openclaw = runner(state);
  const telegram = ["--channel", "telegram", "--peer", "direct:12345"];
  assert.match(
    (await openclaw("agents", "bind", "work", ...telegram)).stdout,
    /telegram, direct 12345 go to agent work/,
  );
  assert.deepEqual(configOf(state).bindings, [
    { agentId: "work", match: { channel: "telegram", peer: { kind: "direct", id: "12345" } } },
  ]);
  const taken = await openclaw("agents", "bind", "home", ...telegram);
  assert.match(taken.stderr, /is bound to agent work already\n[\s\S]*fix: openclaw agents unbind work/);
  assert.match((await openclaw("agents", "bind", "work", ...telegram)).stdout, /^Nothing to change/);
  assert.equal((await openclaw("agents", "bind", "work")).code, 2);
  assert.equal(
    (await openclaw("agents", "bind", "work", "--channel", "telegram", "--peer", "12345")).code,
    2,
  );
  await openclaw("agents", "bind", "home", "--channel", "slack");
  assert.match((await openclaw("agents", "unbind", "home", "--channel", "irc")).stderr, /nothing like that/);
  await openclaw("agents", "delete", "work");
  assert.deepEqual(
    configOf(state).bindings.map(({ agentId }: { agentId: string }) => agentId),
    ["home"],
  );
  await openclaw("agents", "unbind", "home", "--all");
  assert.equal(configOf(state).bindings, undefined);
});

test("models: default, fallbacks and short names are changed where they stand, and only to what can be used", async () => {
  using state = makeState(localConfig(1, { agents: { defaults: { model: "demo/echo" } } }));
  const openclaw = runner(state, { OPENAI_API_KEY: "SEC-openai" });
  const unusable = await openclaw("models", "set", "anthropic/claude-sonnet-5");
  assert.deepEqual([unusable.code, /no API key for anthropic/.test(unusable.stderr)], [78, true]);
  await openclaw("models", "aliases", "add", "fast", "openai/gpt-5.5-mini");
  assert.match((await openclaw("models", "set", "FAST")).stdout, /^Default model: openai\/gpt-5\.5-mini\./);
  assert.equal(configOf(state).agents.defaults.model, "openai/gpt-5.5-mini");
  await openclaw("models", "fallbacks", "add", "demo/echo");
  assert.deepEqual(configOf(state).agents.defaults.model, {
    primary: "openai/gpt-5.5-mini",
    fallbacks: ["demo/echo"],
  });
  await openclaw("models", "set", "openai/gpt-5.5");
  assert.deepEqual(configOf(state).agents.defaults.model.fallbacks, ["demo/echo"]);
  assert.equal((await openclaw("models", "fallbacks")).stdout, "1. demo/echo\n");
  assert.equal((await openclaw("models", "fallbacks", "remove", "openai/none")).code, 1);
  await openclaw("models", "fallbacks", "clear");
  assert.match(
    (await openclaw("models", "aliases", "add", "fast", "demo/echo")).stderr,
    /short name of openai/,
  );
  assert.match((await openclaw("models", "aliases")).stdout, /^fast +openai\/gpt-5\.5-mini$/m);
  await openclaw("models", "aliases", "remove", "fast");
  assert.match((await openclaw("models", "aliases")).stdout, /^No model has a short name/);

  const list = await openclaw("models", "list");
  assert.match(list.stdout, /^openai\/gpt-5\.5 .*default +ready$/m);
  const auth = await openclaw("models", "auth", "list", "--all");
  assert.match(auth.stdout, /^openai +key found +OPENAI_API_KEY$/m);
  assert.match(auth.stdout, /^anthropic +no key +ANTHROPIC_API_KEY$/m);
  assert.doesNotMatch(auth.stdout + list.stdout, /SEC-/);
  assert.match(
    (await openclaw("models", "auth", "remove", "openai")).stderr,
    /the config has no key of openai/,
  );
});

test("models scan: what a service has, with its own key and nobody else's, and why one does not say", async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers: { authorization } }, response) => {
    asked.push(authorization);
    response.end(JSON.stringify({ data: [{ id: "m-1" }, { id: "m-2" }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const mine = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "SEC-mine" };
  const gone = { baseUrl: "http://127.0.0.1:1/v1", apiKey: "SEC-gone" };
  using state = makeState(localConfig(1, { models: { providers: { mine, gone } } }));
  const both = await runner(state)("models", "scan", "--provider", "mine");
  assert.deepEqual([both.code, asked], [0, ["Bearer SEC-mine"]]);
  assert.match(both.stdout, /^ {2}mine\/m-1\n {2}mine\/m-2$/m);
  const none = await runner(state)("models", "scan", "--provider", "gone");
  assert.equal(none.code, 1);
  assert.match(none.stdout, /does not say: .*refused/i);
  server.close();
});
