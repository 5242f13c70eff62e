import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../kit/clock.ts";
import { openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { connectWire } from "../kit/wire.ts";

test("an idle gateway makes no model call in 24 hours", async () => {
  await using model = await openFaultModel(says("Hello."));
  const clock = handClock(Date.now());
  await using gateway = await openGateway({ config: model.config(), clock });
  const ask = async (runId: string) => {
    // Its own connection: one that is silent for a day is closed.
    using client = await connectWire(gateway.port, { token: gateway.token });
    await client.request("agent", { message: "hello", idempotencyKey: runId });
    await client.next(
      ({ event, payload }) => event === "chat" && payload.runId === runId && payload.state === "final",
    );
  };
  await ask("before");
  const startedAt = clock.now();
  for (let minutes = 0; minutes < 24 * 60; minutes += 10) {
    clock.advance(10 * 60_000);
    // Whatever fell due gets its turn of the event loop.
    await new Promise(setImmediate);
  }
  assert.equal(clock.now() - startedAt, 24 * 3_600_000);
  const { modelCalls } = gateway.running.services.turns;
  assert.equal(model.requests.length, 1);
  assert.equal(modelCalls.sums({ from: 0, to: Number.MAX_SAFE_INTEGER }, "agent")[0]?.calls, 1);
  await ask("after");
  assert.equal(model.requests.length, 2, "and it is there when it is spoken to");
});
