import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, chunk, event, html, inTurn, json, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

const overloaded = json(503, { error: { message: "busy" } });
const limited = (headers = {}) =>
  json(429, { error: { message: "slow down", type: "rate_limit_error" } }, headers);

function ask(gateway: TestGateway, body: Record<string, unknown> = {}) {
  const messages = [{ role: "user", content: "hello" }];
  return call({
    port: gateway.port,
    path: "/v1/chat/completions",
    token: gateway.token,
    body: { model: "openclaw", messages, ...body },
  });
}

/** What the run's record says: outcome and action of each call, oldest first. */
function decisions(gateway: TestGateway): string[] {
  const rows = gateway.running.services.turns.store.database
    .prepare(
      "SELECT provider || '/' || model AS name, outcome, action, key_number AS key FROM model_calls ORDER BY id",
    )
    .all();
  return rows.map(
    ({ name, outcome, action, key }) => `${name}#${key} ${outcome}${action ? ` → ${action}` : ""}`,
  );
}

/** A second model server as `spare/s`. */
function withSpare(
  model: { config: Awaited<ReturnType<typeof openFaultModel>>["config"] },
  spareUrl: string,
) {
  const config = model.config({}, {}, ["spare/s"]) as {
    models: { providers: Record<string, unknown> };
  };
  config.models.providers.spare = { baseUrl: spareUrl, apiKey: "SEC-key-spare" };
  return config;
}

test("a busy model is asked once more, then its fallback answers, and the record shows why", async () => {
  await using model = await openFaultModel(overloaded);
  await using spare = await openFaultModel(says("from", " spare"));
  await using gateway = await openGateway({ config: withSpare(model, spare.baseUrl) });
  const answer = await ask(gateway);
  assert.equal(answer.json.choices[0].message.content, "from spare");
  assert.deepEqual(decisions(gateway), [
    "fault/m#1 overloaded → retry",
    "fault/m#1 overloaded → next-model",
    "spare/s#1 ok",
  ]);
  assert.equal(gateway.console.filter((line) => line.includes("model call failed (overloaded)")).length, 2);

  // While it rests nobody waits for it.
  await ask(gateway);
  assert.equal(model.requests.length, 2);
  assert.deepEqual(decisions(gateway).slice(3).toSorted(), [
    "fault/m#1 passed-over → next-model",
    "spare/s#1 ok",
  ]);
});

test("a key that is used up gives way to the next one of the environment", async () => {
  const byKey: Answer = (response, request) =>
    (request.headers.authorization === "Bearer SEC-second" ? says("second") : limited())(response, request);
  await using model = await openFaultModel(byKey);
  const config = model.config({ apiKey: undefined }) as {
    models: { providers: Record<string, unknown> };
    agents: unknown;
  };
  config.models.providers = { groq: { baseUrl: model.baseUrl } };
  config.agents = { defaults: { model: "groq/m" } };
  await using gateway = await openGateway({
    config,
    env: { GROQ_API_KEY: "SEC-first", GROQ_API_KEYS: "SEC-first, SEC-second" },
  });
  assert.equal((await ask(gateway)).json.choices[0].message.content, "second");
  assert.deepEqual(decisions(gateway), ["groq/m#1 rate-limit → next-key", "groq/m#2 ok"]);
  assert.ok(!gateway.console.some((line) => line.includes("SEC-")), "no key in the log");
});

test("[R13] a service that only fails gets three calls at most, and the client hears its own words", async () => {
  await using model = await openFaultModel(overloaded);
  await using spare = await openFaultModel(limited({ "retry-after": "7" }));
  await using gateway = await openGateway({ config: withSpare(model, spare.baseUrl) });
  const answer = await ask(gateway);
  assert.equal(answer.status, 429);
  assert.equal(answer.headers["retry-after"], "7");
  assert.match(answer.json.error.message, /HTTP 429: rate_limit_error: slow down/);
  assert.equal(model.requests.length + spare.requests.length, 3);
});

test("[R14] [HTTP-07] after the first word nothing is asked again: no text twice", async () => {
  await using model = await openFaultModel((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ content: "once" }));
    setImmediate(() => response.socket?.resetAndDestroy());
  });
  await using spare = await openFaultModel(says("twice"));
  await using gateway = await openGateway({ config: withSpare(model, spare.baseUrl) });
  const { text } = await ask(gateway, { stream: true });
  assert.equal(text.split('"once"').length - 1, 1);
  assert.ok(!text.includes("twice") && text.includes('"error"'), text);
  assert.equal(model.requests.length, 1);
  assert.equal(spare.requests.length, 0);
});

test("[model-anthropic-429-long-context] the long context is left out, the key stays in use", async () => {
  const words = (response: Parameters<Answer>[0]) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      event({ type: "message_start", message: { usage: { input_tokens: 1, output_tokens: 1 } } }),
    );
    response.write(
      event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "short" } }),
    );
    response.end(
      event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: {} }) +
        event({ type: "message_stop" }),
    );
  };
  const denied = json(429, {
    type: "error",
    error: { type: "rate_limit_error", message: "Extra usage is required for long context requests." },
  });
  const asLongContext: Answer = (response, request) =>
    (request.headers["anthropic-beta"]?.includes("context-1m") ? denied : words)(response, request);
  await using model = await openFaultModel(asLongContext);
  const config = model.config({ api: "anthropic-messages", params: { context1m: true } });
  await using gateway = await openGateway({ config });
  assert.equal((await ask(gateway)).json.choices[0].message.content, "short");
  // It is remembered: the next turn does not ask in vain.
  await ask(gateway);
  assert.deepEqual(decisions(gateway), [
    "fault/m#1 long-context-denied → retry-short-context",
    "fault/m#1 ok",
    "fault/m#1 ok",
  ]);

  model.answer = denied;
  const refused = await ask(gateway);
  assert.match(
    refused.json.error.message,
    /^HTTP 429: rate_limit_error: Extra usage is required for long context requests/,
  );
  assert.match(refused.json.error.message, /context1m .* false, buy extra usage, or name another model/);
  assert.equal(refused.status, 429);
});

const SIGNED: { id: string; answer: Answer; says: RegExp; status: number; calls: number }[] = [
  {
    id: "model-not-found",
    answer: json(404, { error: { code: "model_not_found", message: "The model `m` does not exist." } }),
    says: /model_not_found: The model `m` does not exist\. \(asked at http:\/\/127\.0\.0\.1:\d+\/v1 for "m".*curl http:\S+\/models\)/,
    status: 400,
    calls: 1,
  },
  {
    id: "model-string-content",
    answer: json(400, {
      error: { message: "messages[0].content: invalid type: sequence, expected a string" },
    }),
    says: /messages\[0\]\.content: invalid type: sequence, expected a string .*compat\.requiresStringContent of fault\/m/,
    status: 502,
    calls: 1,
  },
  {
    id: "model-backend-crash",
    answer: (response, request) =>
      (request.text.length > 20_000
        ? json(500, { error: { message: "Internal Server Error" } })
        : says("fine"))(response, request),
    says: /HTTP 500: .*the request was \d+ KB/,
    status: 503,
    calls: 2,
  },
  {
    id: "model-incomplete-turn",
    answer: says(),
    says: /incomplete turn detected: runId=\S+ stopReason=stop payloads=0 tools=0 replaySafe=yes/,
    status: 502,
    calls: 2,
  },
  {
    id: "upstream-403-html",
    answer: html(403),
    says: /HTTP 403: the answer is a web page, not an API answer; is http:\/\/127\.0\.0\.1:\d+\/v1 the right baseUrl/,
    status: 502,
    calls: 2,
  },
];
test("[model-not-found] [model-string-content] [model-backend-crash] [model-incomplete-turn] each is named with its way out", async () => {
  await using model = await openFaultModel(says("ready"));
  await using gateway = await openGateway({ config: model.config() });
  assert.equal((await ask(gateway)).json.choices[0].message.content, "ready", "a small call goes well");
  for (const { id, answer, says: words, status, calls } of SIGNED) {
    model.answer = answer;
    model.requests.length = 0;
    const long = { role: "user", content: `hello ${"x".repeat(24_000)}` };
    const body = await ask(gateway, { messages: [long] });
    assert.match(body.json.error.message, words, id);
    assert.equal(body.status, status, id);
    assert.equal(model.requests.length, calls, id);
    assert.ok(
      gateway.console.some((line) => words.test(line)),
      `${id} is in the log`,
    );
  }
});

test("an empty answer is asked again once, and what comes then counts", async () => {
  await using model = await openFaultModel(inTurn(says(), says("second try")));
  await using gateway = await openGateway({ config: model.config() });
  assert.equal((await ask(gateway)).json.choices[0].message.content, "second try");
  assert.equal(model.requests.length, 2);
});

test("what a run cost stands in one table, by the prices of the config", async () => {
  await using model = await openFaultModel(says("a", "b"));
  const config = model.config({}, { cost: { input: 100_000, output: 200_000 } });
  await using gateway = await openGateway({ config });
  await ask(gateway);
  const { modelCalls } = gateway.running.services.turns;
  const [sum] = modelCalls.sums({ from: 0, to: Number.MAX_SAFE_INTEGER }, "agent");
  assert.deepEqual(
    { ...sum },
    {
      name: "main",
      calls: 1,
      failed: 0,
      input: 7,
      output: 2,
      cacheRead: 0,
      cacheWrite: 0,
      totalTokens: 9,
      totalCost: (7 * 100_000 + 2 * 200_000) / 1_000_000,
      unpriced: 0,
    },
  );
});
