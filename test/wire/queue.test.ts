import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/protocol/messages.ts";
import { openGateway } from "../kit/gateway.ts";
import { type HeldModel, openHeldModel } from "../kit/model.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

async function send(client: WireClient, runId: string, queueMode: string): Promise<void> {
  const { payload } = await client.request("chat.send", {
    sessionKey: "main",
    message: runId,
    idempotencyKey: runId,
    queueMode,
  });
  assert.equal(payload.status, "started");
}

function asked(model: HeldModel, call: number): unknown[] {
  return model.bodies[call]!.messages.filter(({ role }) => role === "user").map(({ content }) => content);
}

test("what is collected while a run goes on is answered by one run, up to the first that wants its own", async () => {
  await using model = await openHeldModel();
  await using gateway = await openGateway({ config: model.config });
  using client = await connectWire(gateway.port, { token: gateway.token });
  await send(client, "first", "collect");
  await model.calls(1);
  for (const runId of ["a", "b", "c"]) await send(client, runId, "collect");
  await send(client, "own", "followup");
  await send(client, "late", "collect");
  model.release();
  await model.calls(2);
  assert.deepEqual(asked(model, 1), ["first", "a", "b", "c"]);
  for (const runId of ["b", "c"]) {
    const again = await client.request("chat.send", {
      sessionKey: "main",
      message: runId,
      idempotencyKey: runId,
    });
    assert.equal(again.payload.status, "ok", "its message was answered together with another");
  }
  model.release();
  await model.calls(3);
  assert.deepEqual(asked(model, 2).slice(4), ["own", "late"], "collected behind a run of its own");
  model.release();
  await client.next(
    ({ event, payload }) => event === "chat" && payload.runId === "own" && payload.state === "final",
  );
  assert.equal(model.bodies.length, 3);
});

test("a run nobody can wait for ends with a visible notice when the gateway stops", async () => {
  await using model = await openHeldModel();
  using state = makeState(localConfig(1, model.config));
  {
    await using gateway = await openGateway({ state });
    const request = fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token}`,
        "content-type": "application/json",
        "x-openclaw-session-key": "agent:main:main",
      },
      body: JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: "hello" }] }),
    }).then(
      (response) => response.status,
      () => "gone",
    );
    await model.calls(1);
    await gateway.stop();
    assert.ok([503, "gone"].includes(await request));
  }
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: gateway.token });
  const { payload } = await client.request("chat.history", { sessionKey: "main", limit: 10 });
  const last = payload.messages.at(-1);
  assert.equal(last.role, "assistant");
  assert.equal(last.stopReason, "interrupted");
  assert.match(textOf(last), /answer 1|interrupted when the gateway stopped/);
  assert.equal(model.bodies.length, 1, "it is not asked again");
});
