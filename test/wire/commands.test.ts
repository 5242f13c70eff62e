import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredMessage } from "../../src/protocol/messages.ts";
import { openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { openHeldModel } from "../kit/model.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

let runs = 0;

/** Sends one message and returns what was answered. */
async function say(client: WireClient, message: string, more: object = {}): Promise<string> {
  const runId = `command-${++runs}`;
  await client.request("chat.send", { sessionKey: "main", message, idempotencyKey: runId, ...more });
  const final = await client.next(
    ({ event, payload }) =>
      event === "chat" && payload.runId === runId && payload.state !== "status" && payload.state !== "delta",
  );
  return final.payload.message?.content?.[0]?.text ?? final.payload.errorMessage ?? final.payload.state;
}

const ADMIN = ["operator.read", "operator.write", "operator.admin"];

test("commands are answered by the gateway, stand in the transcript, and no model ever sees them", async () => {
  await using model = await openFaultModel(says("Hello there."));
  await using gateway = await openGateway({ config: model.config() });
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });

  assert.match(
    await say(client, "/help"),
    /^Commands:\n\/compact — .*\n[\s\S]*\/new \[message\] — [\s\S]*\/usage — /,
  );
  assert.match(
    await say(client, "/status"),
    /Model: fault\/m\nContext: about 0 of 128,000 tokens\n[\s\S]*Nothing is running\.\nSession: agent:main:main$/,
  );
  assert.equal(await say(client, "/think high"), "Thinking: high, from the next message on.");
  assert.match(await say(client, "/think very"), /no level of thinking/);
  assert.equal(model.requests.length, 0);

  assert.equal(await say(client, "hello"), "Hello there.");
  const [first] = model.requests;
  assert.equal(first!.body.reasoning_effort, "high");
  assert.doesNotMatch(first!.text, /\/help|\/status|Commands:/);
  assert.match(
    await say(client, "/usage"),
    /This conversation: 7 tokens in, 1 out\nToday, agent main: 8 tokens, 0\.00 USD, 1 call without a price\n/,
  );

  await say(client, "what is in /etc/hosts?");
  await say(client, "/etc/hosts please");
  assert.equal(model.requests.length, 3, "a path is no command");
  assert.doesNotMatch(model.requests[2]!.text, /\/usage|This conversation/);

  const { payload } = await client.request("chat.history", { sessionKey: "main", limit: 50 });
  const said = (payload.messages as StoredMessage[]).map(({ role, content }) => [
    role,
    content[0]?.type === "text" ? content[0].text.split("\n")[0] : "",
  ]);
  assert.deepEqual(said.slice(0, 2), [
    ["user", "/help"],
    ["assistant", "Commands:"],
  ]);
  const row = (await client.request("sessions.list", {})).payload.sessions[0];
  assert.equal(row.derivedTitle, "hello", "a command gives no title");
});

test("/model chooses for this conversation, refuses what cannot be used, and gives back", async () => {
  await using model = await openFaultModel(says("ok"));
  const config = model.config({ models: [{ id: "m" }, { id: "other" }] });
  await using gateway = await openGateway({ config });
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });
  assert.match(await say(client, "/model"), /^Model: fault\/m \(of the agent\)\nChange it: /);
  assert.equal(await say(client, "/model fault/other"), "Model: fault/other, from the next message on.");
  await say(client, "hello");
  assert.equal(model.requests[0]!.body.model, "other");
  assert.match(
    await say(client, "/model nowhere/x"),
    /^The model stays as it is: unknown model provider "nowhere"[\s\S]*Fix: openclaw config set models\.providers\.nowhere/,
  );
  assert.match(await say(client, "/model default"), /^Model: fault\/m \(of the agent\)/);
  await say(client, "hello again");
  assert.equal(model.requests[1]!.body.model, "m");
});

test("/new forgets for the model and keeps on disk; what follows it is answered at once", async () => {
  await using model = await openFaultModel(says("ok"));
  await using gateway = await openGateway({ config: model.config() });
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });
  await say(client, "my secret word is lobster");
  assert.equal(await say(client, "/new"), "A new conversation begins here. Model: fault/m.");
  await say(client, "what was my word?");
  assert.doesNotMatch(model.requests[1]!.text, /lobster|\/new/);
  assert.equal(await say(client, "/reset: and tell me the time"), "ok");
  const asked = model.requests[2]!.body.messages.filter(({ role }: { role: string }) => role === "user");
  assert.deepEqual(asked, [{ role: "user", content: "and tell me the time" }]);
});

test("/stop ends what runs and what waits, at once", async () => {
  await using model = await openHeldModel();
  await using gateway = await openGateway({ config: model.config });
  using client = await connectWire(gateway.port, { token: gateway.token });
  for (const key of ["one", "two"])
    await client.request("chat.send", { sessionKey: "main", message: key, idempotencyKey: key });
  await model.calls(1);
  assert.match(await say(client, "/status"), /Running: 1, waiting behind it: 1/);
  assert.equal(await say(client, "/stop"), "Stopped: 1 run, and 1 that waited behind it.");
  for (const key of ["one", "two"]) {
    const end = await client.next(
      ({ event, payload }) => event === "chat" && payload.runId === key && payload.state === "aborted",
    );
    assert.equal(end.payload.stopReason, "stopped by /stop");
  }
  assert.equal(await say(client, "/stop"), "Nothing is running.");
  assert.equal(model.bodies.length, 1);
});

test("commands that change a conversation are for operator.admin, over every door [SCOPE-09]", async () => {
  await using model = await openFaultModel(says("ok"));
  await using gateway = await openGateway({ config: model.config() });
  using client = await connectWire(gateway.port, {
    token: gateway.token,
    scopes: ["operator.read", "operator.write"],
  });
  await say(client, "remember the lobster");
  for (const command of ["/new", "/reset now", "/compact"])
    assert.match(
      await say(client, command),
      /is for the owner of this gateway \(scope operator\.admin\)\. Nothing was changed\.$/,
    );
  await client.request("agent", { message: "/reset", idempotencyKey: "by-agent", sessionKey: "main" });
  await client.request("agent.wait", { runId: "by-agent", timeoutMs: 10_000 });
  assert.equal(model.requests.length, 1);
  await say(client, "what was it?");
  assert.match(model.requests[1]!.text, /lobster/);
  assert.doesNotMatch(model.requests[1]!.text, /\/reset|\/new/);
});

test("commands.list names them all with their words", async () => {
  await using gateway = await openGateway();
  using client = await connectWire(gateway.port, { token: gateway.token });
  const { payload } = await client.request("commands.list", {});
  assert.deepEqual(
    payload.commands.map(({ name }: { name: string }) => name),
    ["compact", "help", "model", "new", "reset", "status", "stop", "think", "usage"],
  );
  assert.deepEqual(payload.commands[7], {
    name: "think",
    nativeName: "think",
    textAliases: ["/think", "/thinking", "/t"],
    description: "Show or set how much the model thinks in this conversation",
    category: "options",
    source: "native",
    scope: "both",
    acceptsArgs: true,
  });
});
