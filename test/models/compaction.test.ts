import assert from "node:assert/strict";
import { test } from "node:test";
import { type StoredMessage, textOf } from "../../src/protocol/messages.ts";
import { type Answer, json, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

const LONG = "the lobster walks along the shore ".repeat(60);
const ADMIN = ["operator.read", "operator.write", "operator.admin"];

async function ask(client: WireClient, runId: string, message: string): Promise<string> {
  await client.request("agent", { message, idempotencyKey: runId, sessionKey: "main" });
  await client.next(
    ({ event, payload }) => event === "chat" && payload.runId === runId && payload.state === "final",
  );
  const { payload } = await client.request("chat.history", { sessionKey: "main", limit: 1 });
  return textOf(payload.messages[0]);
}

/** A record where it is asked for one, otherwise an answer. */
const keepsRecords: Answer = (response, request) => {
  const record = String(request.body.messages[0].content).startsWith("You keep the record");
  return says(record ? "The word is lobster." : "Yes.")(response, request);
};

test("a long conversation is kept as a summary, on record, on the bill, and over a restart", async () => {
  await using model = await openFaultModel(keepsRecords);
  using state = makeState(
    localConfig(1, model.config({}, { contextWindow: 8_000, cost: { input: 1, output: 1 } })),
  );
  {
    await using gateway = await openGateway({ state });
    using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });
    for (let n = 0; n < 14; n++) await ask(client, `r${n}`, `${n} ${LONG}`);
    const { payload } = await client.request("chat.history", { sessionKey: "main", limit: 100 });
    const notices = (payload.messages as StoredMessage[]).filter(({ role }) => role === "system");
    assert.ok(notices.length >= 1);
    assert.match(
      textOf(notices[0]!),
      /^Compacted: the earlier conversation is kept as a summary \([\d,]+ → [\d,]+ tokens\)\.$/,
    );
    const runId = notices[0]!.__openclaw.runId;
    const { calls } = (await client.request("usage.calls", { runId })).payload;
    assert.equal(calls[0].purpose, "compaction");
    assert.equal(calls.at(-1).purpose, undefined);
    for (const { outcome, cost } of calls) assert.deepEqual([outcome, cost > 0], ["ok", true]);
    assert.match(await ask(client, "status", "/status"), /The older part is kept as a summary\./);
    const sent = model.requests.length;
    const { totals } = (await client.request("usage.cost", { days: 1 })).payload;
    assert.equal(totals.calls, sent, "every call of a model is counted");
  }
  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });
  await ask(client, "after", "what was the word?");
  const last = model.requests.at(-1)!;
  assert.match(last.text, /What was said before, as a summary[\s\S]*The word is lobster\./);
  assert.doesNotMatch(last.text, /\b0 the lobster walks/);
});

test("/compact makes a summary at once; a failing model leaves everything as it was", async () => {
  await using model = await openFaultModel(keepsRecords);
  await using gateway = await openGateway({ config: model.config() });
  using client = await connectWire(gateway.port, { token: gateway.token, scopes: ADMIN });
  assert.equal(await ask(client, "none", "/compact"), "There is nothing to compact yet.");
  for (const n of [1, 2]) await ask(client, `r${n}`, `${n} ${LONG}`);
  model.answer = json(400, { error: { message: "no" } });
  assert.match(await ask(client, "fails", "/compact"), /^The conversation stays as it was: HTTP 400/);
  model.answer = keepsRecords;
  assert.match(await ask(client, "works", "/compact"), /^Compacted: about [\d,]+ tokens became [\d,]+\.$/);
  await ask(client, "after", "and now?");
  const { text } = model.requests.at(-1)!;
  assert.match(text, /The word is lobster\.[\s\S]*2 the lobster walks[\s\S]*and now\?/);
  assert.doesNotMatch(text, /1 the lobster walks|\/compact/);
});

test("a service that finds it too long is asked once more with less", async () => {
  let refusals = 1;
  await using model = await openFaultModel((response, request) => {
    const record = String(request.body.messages[0].content).startsWith("You keep the record");
    if (record || request.text.length < 9_000 || refusals-- <= 0) return keepsRecords(response, request);
    return json(400, {
      error: { code: "context_length_exceeded", message: "maximum context length is 4000 tokens" },
    })(response, request);
  });
  await using gateway = await openGateway({ config: model.config() });
  using client = await connectWire(gateway.port, { token: gateway.token });
  for (let n = 0; n < 5; n++) assert.equal(await ask(client, `r${n}`, `${n} ${LONG}`), "Yes.");
  const chains: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { calls } = (await client.request("usage.calls", { runId: `r${n}` })).payload;
    chains.push(
      calls
        .map(({ purpose, action }: { purpose?: string; action?: string }) => purpose ?? action ?? "ok")
        .join(" "),
    );
  }
  assert.equal(
    chains.filter((chain) => /^compact( compaction)+ ok$/.test(chain)).length,
    1,
    chains.join("; "),
  );
});
