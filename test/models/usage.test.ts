import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn, json, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { connectWire } from "../kit/wire.ts";

test("usage.cost sums every call by day, model and agent; usage.calls shows the decisions of a run", async () => {
  const busy = json(503, { error: { message: "busy" } });
  await using model = await openFaultModel(inTurn(says("one"), busy, says("two")));
  await using gateway = await openGateway({
    config: model.config({}, { cost: { input: 100_000, output: 0 } }),
  });
  using client = await connectWire(gateway.port, { token: gateway.token });
  for (const runId of ["first", "second"]) {
    await client.request("agent", { message: "hello", idempotencyKey: runId, agentId: "main" });
    await client.request("agent.wait", { runId, timeoutMs: 10_000 });
  }
  const { payload } = await client.request("usage.cost", { days: 1 });
  const sums = { calls: 3, failed: 1, input: 14, output: 2, totalTokens: 16, totalCost: 1.4, unpriced: 0 };
  assert.partialDeepStrictEqual(payload, { days: 1, totals: sums, models: [{ name: "fault/m", ...sums }] });
  assert.partialDeepStrictEqual(payload, { daily: [sums], agents: [{ name: "main", calls: 3 }] });

  const calls = (await client.request("usage.calls", { runId: "second" })).payload as {
    calls: { outcome: string; action?: string; cost?: number }[];
  };
  assert.deepEqual(
    calls.calls.map(({ outcome, action }) => [outcome, action]),
    [
      ["overloaded", "retry"],
      ["ok", undefined],
    ],
  );
  const past = { startDate: "2020-01-01", endDate: "2020-02-01" };
  assert.partialDeepStrictEqual((await client.request("usage.cost", past)).payload, {
    days: 32,
    totals: { calls: 0 },
  });
  const turned = await client.request("usage.cost", { startDate: "2020-02-01", endDate: "2020-01-01" });
  assert.equal(turned.error?.code, "INVALID_REQUEST");
});
