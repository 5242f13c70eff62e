import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfiguredAgent } from "../../src/config/agents.ts";
import { openModelCalls } from "../../src/sessions/model-calls.ts";
import { openSessionStore } from "../../src/sessions/store.ts";
import { overBudget, periodStart } from "../../src/turn/budget.ts";
import { handClock } from "../kit/clock.ts";
import { json, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { makeState } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

async function run(
  client: WireClient,
  runId: string,
  agentId: string,
): Promise<{ status: string; error?: string }> {
  await client.request("agent", { message: "hello", idempotencyKey: runId, agentId });
  return (await client.request("agent.wait", { runId, timeoutMs: 10_000 })).payload;
}

test("a cap on money stops the agent it is for before the next call, and says what, until when and how to go on", async () => {
  await using model = await openFaultModel(says("one"));
  const config = model.config({}, { cost: { input: 100_000, output: 0 } });
  const { defaults } = config.agents as { defaults: object };
  await using gateway = await openGateway({
    config: {
      ...config,
      agents: {
        defaults: { ...defaults, budget: { dailyUsd: 100 } },
        list: [{ id: "main" }, { id: "thrifty", budget: { dailyUsd: 1 } }],
      },
    },
  });
  using client = await connectWire(gateway.port, { token: gateway.token });
  assert.equal((await run(client, "a", "thrifty")).status, "ok");
  assert.equal((await run(client, "b", "thrifty")).status, "ok", "0.70 of 1.00 USD leave room");
  const { status, error } = await run(client, "c", "thrifty");
  assert.equal(status, "error");
  assert.match(
    error ?? "",
    /^budget reached: agent "thrifty" has used 1\.40 USD of 1\.00 USD a day \(agents\.list\[1\]\.budget\.dailyUsd\); it may go on at \d{4}-\d\d-\d\d 00:00, or with a higher cap: openclaw config set agents\.list\[1\]\.budget\.dailyUsd 2$/,
  );
  assert.equal(model.requests.length, 2, "nothing was sent");
  assert.equal((await run(client, "d", "main")).status, "ok", "other agents go on");
  const http = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openclaw/thrifty", messages: [{ role: "user", content: "hi" }] }),
  });
  assert.equal(http.status, 429);
  assert.match(await http.text(), /budget reached/);
});

test("embeddings are on the same bill and under the same cap", async () => {
  await using model = await openFaultModel(
    json(200, { data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 10 } }),
  );
  const config = model.config({}, { cost: { input: 100_000, output: 0 } });
  const { defaults } = config.agents as { defaults: object };
  await using gateway = await openGateway({
    config: { ...config, agents: { defaults: { ...defaults, budget: { dailyTokens: 10 } } } },
  });
  const embed = () =>
    fetch(`http://127.0.0.1:${gateway.port}/v1/embeddings`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gateway.token}`,
        "content-type": "application/json",
        "x-openclaw-model": "fault/m",
      },
      body: JSON.stringify({ model: "openclaw", input: "a" }),
    });
  assert.equal((await embed()).status, 200);
  const refused = await embed();
  assert.equal(refused.status, 429);
  assert.match(await refused.text(), /10 tokens of 10 tokens a day/);
  assert.equal(model.requests.length, 1);
});

const agent = (budget: ConfiguredAgent["budget"]): ConfiguredAgent => ({
  id: "main",
  isDefault: true,
  workspace: "/w",
  settings: {},
  compaction: {},
  budget,
  budgetPath: "agents.entries.main.budget",
});

test("spending is read from the table, kept up to date, and begins anew with the day and the month", () => {
  using state = makeState({});
  const clock = handClock(new Date(2026, 0, 30, 23, 50).getTime());
  using store = openSessionStore(`${state.dir}/s.sqlite`, clock);
  const calls = openModelCalls(store.database);
  const spend = (totalTokens: number, cost?: number) =>
    calls.add({
      runId: "r",
      sessionKey: "k",
      agentId: "main",
      at: clock.now(),
      durationMs: 1,
      provider: "p",
      model: "m",
      key: 1,
      outcome: "ok",
      usage: { input: totalTokens, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens },
      ...(cost !== undefined && { cost }),
    });
  const daily = agent({ dailyTokens: 1_000 });
  const monthly = agent({ monthlyUsd: 2 });
  spend(600, 1.5);
  assert.equal(overBudget(daily, calls, clock.now()), undefined);
  spend(400);
  assert.match(
    overBudget(daily, calls, clock.now()) ?? "",
    /1,000 tokens of 1,000 tokens a day \(agents\.defaults\.budget\.dailyTokens\); it may go on at 2026-01-31 00:00/,
  );
  assert.deepEqual(calls.spent("main", periodStart("month", clock.now())), {
    usd: 1.5,
    tokens: 1_000,
    unpriced: 1,
  });
  const again = openModelCalls(store.database);
  assert.deepEqual(again.spent("main", periodStart("day", clock.now())), {
    usd: 1.5,
    tokens: 1_000,
    unpriced: 1,
  });

  clock.advance(15 * 60_000);
  assert.equal(overBudget(daily, calls, clock.now()), undefined, "a new day");
  spend(1, 0.6);
  assert.match(
    overBudget(monthly, calls, clock.now()) ?? "",
    /2\.10 USD of 2\.00 USD a month .* at 2026-02-01 00:00/,
  );
  clock.advance(24 * 3_600_000);
  assert.equal(overBudget(monthly, calls, clock.now()), undefined, "a new month");
  assert.match(overBudget(agent({ dailyUsd: 0 }), calls, clock.now()) ?? "", /0\.00 USD of 0\.00 USD a day/);
});
