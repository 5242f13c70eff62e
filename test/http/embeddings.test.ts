import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { type Answer, json, openFaultModel } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

/** As many vectors as texts; the first number is the text's length. */
const vectors: Answer = (response, request) =>
  json(200, {
    data: request.body.input.map((text: string, index: number) => ({ index, embedding: [text.length, 0.5] })),
    usage: { prompt_tokens: 4, total_tokens: 4 },
  })(response, request);

test("the openai package gets vectors from the model the config names, and they are on the bill", async () => {
  await using model = await openFaultModel(vectors);
  const config = model.config({}, { id: "embed", cost: { input: 100_000 } }) as {
    agents: { defaults: Record<string, unknown> };
  };
  config.agents.defaults = { model: "demo/echo", memorySearch: { provider: "fault", model: "embed" } };
  await using gateway = await openGateway({ config });
  const client = new OpenAI({
    baseURL: `http://127.0.0.1:${gateway.port}/v1`,
    apiKey: gateway.token,
    maxRetries: 0,
  });
  // The package asks for base64 by itself and unpacks it.
  const { data, usage } = await client.embeddings.create({ model: "openclaw", input: ["a", "four"] });
  assert.deepEqual(
    data.map(({ embedding }) => embedding),
    [
      [1, 0.5],
      [4, 0.5],
    ],
  );
  assert.equal(usage.total_tokens, 4);
  const plain = await client.embeddings.create({ model: "openclaw", input: "abc", encoding_format: "float" });
  assert.deepEqual(plain.data[0]?.embedding, [3, 0.5]);
  assert.equal(model.requests[0]?.path, "/v1/embeddings");
  assert.equal(model.requests[0]?.headers.authorization, "Bearer SEC-key-fault");
  const [sum] = gateway.running.services.turns.modelCalls.sums(
    { from: 0, to: Number.MAX_SAFE_INTEGER },
    "model",
  );
  assert.partialDeepStrictEqual(sum, { name: "fault/embed", calls: 2, input: 8, totalCost: 0.8 });

  model.answer = json(429, { error: { message: "slow" } }, { "retry-after": "5" });
  const body = { input: "x" };
  const limited = await call({ port: gateway.port, path: "/v1/embeddings", token: gateway.token, body });
  assert.deepEqual([limited.status, limited.headers["retry-after"]], [429, "5"]);
});

test("without a provider the answer names the key to set; a request that is none is refused", async () => {
  await using gateway = await openGateway({ config: { agents: { defaults: { model: "demo/echo" } } } });
  const ask = (body: unknown) =>
    call({ port: gateway.port, path: "/v1/embeddings", token: gateway.token, body });
  const nobody = await ask({ input: "x" });
  assert.equal(nobody.status, 503);
  assert.match(
    nobody.json.error.message,
    /OPENAI_API_KEY.*fix: openclaw config set models\.providers\.openai\.apiKey/,
  );
  for (const input of ["", [], [""], 5, undefined]) {
    assert.equal((await ask({ input })).status, 400, JSON.stringify(input));
  }
});
