import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { type Answer, chunk, json, openFaultModel, pieces, says } from "../kit/fault-model.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";

function clientOf({ port, token }: TestGateway): OpenAI {
  return new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: token, maxRetries: 0 });
}

const WEATHER = {
  name: "weather",
  description: "the weather of a town",
  parameters: { type: "object", properties: { town: { type: "string" } } },
};
/** Asks for the weather until it has a result. */
const asksForWeather: Answer = (response, request) => {
  const result = request.body.messages.findLast(({ role }: { role: string }) => role === "tool");
  if (result) return says(`it is ${result.content}`)(response, request);
  const called = { index: 0, id: "call_w", function: { name: "weather", arguments: '{"town":"Rome"}' } };
  pieces(chunk({ tool_calls: [called] }), chunk({}, "tool_calls"), "data: [DONE]\n\n")(response, request);
};

test("the openai package talks to /v1/responses: whole, streamed with sequence numbers, continued", async () => {
  await using model = await openFaultModel(says("Hel", "lo"));
  await using gateway = await openGateway({ config: model.config() });
  const client = clientOf(gateway);

  const whole = await client.responses.create({ model: "openclaw", input: "hi", instructions: "be brief" });
  assert.equal(whole.output_text, "Hello");
  assert.equal(whole.status, "completed");
  assert.equal(whole.usage?.total_tokens, 9);
  assert.match(model.requests[0]!.body.messages[0].content, /be brief/);

  const stream = await client.responses.create({
    model: "openclaw",
    input: [{ role: "user", content: [{ type: "input_text", text: "and again" }] }],
    previous_response_id: whole.id,
    stream: true,
  });
  const events = await Array.fromAsync(stream);
  assert.deepEqual(
    events.map((event) => event.sequence_number),
    events.map((_, at) => at),
  );
  assert.deepEqual(
    events.map(({ type }) => type.replace("response.", "")),
    [
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ],
  );
  const last = events.at(-1)!;
  assert.ok(last.type === "response.completed" && last.response.previous_response_id === whole.id);
  const said = model.requests[1]!.body.messages.map(({ role, content }: { role: string; content: string }) =>
    role === "system" ? role : content,
  );
  assert.deepEqual(said, ["system", "hi", "Hello", "and again"], "the conversation went on");
});

test("a tool of the client reaches the model and comes back as function_call; its result goes in again", async () => {
  await using model = await openFaultModel(asksForWeather);
  await using gateway = await openGateway({ config: model.config() });
  const client = clientOf(gateway);
  const tools = [{ type: "function" as const, strict: null, ...WEATHER }];
  for (const stream of [false, true]) {
    const first = await client.responses
      .stream({ model: "openclaw", input: "weather in Rome?", tools })
      .finalResponse();
    const made = first.output[0];
    assert.ok(made?.type === "function_call");
    assert.deepEqual([made.name, made.arguments, made.call_id], ["weather", '{"town":"Rome"}', "call_w"]);
    const offered = model.requests
      .at(-1)!
      .body.tools.map((tool: { function: { name: string } }) => tool.function.name);
    assert.ok(offered.includes("weather") && offered.includes("read"), "beside the agent's own");

    const result = { type: "function_call_output" as const, call_id: "call_w", output: "sunny" };
    const continued = { model: "openclaw", tools, input: [result], previous_response_id: first.id };
    const second = stream
      ? await client.responses.stream(continued).finalResponse()
      : await client.responses.create(continued);
    assert.equal(second.output_text, "it is sunny");
  }
});

test("a tool of the client comes back as tool_calls from /v1/chat/completions, and images go in", async () => {
  await using model = await openFaultModel(asksForWeather);
  await using gateway = await openGateway({ config: model.config() });
  const client = clientOf(gateway);
  const tools = [{ type: "function" as const, function: WEATHER }];
  const picture = { type: "image_url" as const, image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
  const question = { role: "user" as const, content: [{ type: "text" as const, text: "weather?" }, picture] };
  const first = await client.chat.completions.create({ model: "openclaw", messages: [question], tools });
  const [choice] = first.choices;
  assert.equal(choice?.finish_reason, "tool_calls");
  assert.equal(choice.message.tool_calls?.[0]?.id, "call_w");
  assert.equal(model.requests[0]!.body.messages.at(-1).content[1].image_url.url, picture.image_url.url);

  const messages = [
    question,
    choice.message,
    { role: "tool" as const, tool_call_id: "call_w", content: "rainy" },
  ];
  const second = await client.chat.completions.create({ model: "openclaw", messages, tools });
  assert.equal(second.choices[0]?.message.content, "it is rainy");

  const streamed = await client.chat.completions
    .stream({ model: "openclaw", messages: [question], tools, stream_options: { include_usage: true } })
    .finalChatCompletion();
  const [made] = streamed.choices[0]!.message.tool_calls!;
  assert.ok(made?.type === "function" && made.function.name === "weather");
});

test("a forced tool is the only one that is offered, and the model is told that it must", async () => {
  await using model = await openFaultModel(asksForWeather);
  await using gateway = await openGateway({ config: model.config() });
  const client = clientOf(gateway);
  const other = { ...WEATHER, name: "clock" };
  const asked = () => {
    const { tools, tool_choice } = model.requests.at(-1)!.body;
    return [tools.map((tool: { function: { name: string } }) => tool.function.name), tool_choice];
  };
  const messages = [{ role: "user" as const, content: "weather in Rome?" }];
  const declared = [WEATHER, other].map((tool) => ({ type: "function" as const, function: tool }));
  await client.chat.completions.create({
    model: "openclaw",
    messages,
    tools: declared,
    tool_choice: "required",
  });
  assert.deepEqual(asked(), [["weather", "clock"], "required"]);
  const named = { type: "function" as const, name: "weather" };
  const tools = [WEATHER, other].map((tool) => ({ type: "function" as const, strict: null, ...tool }));
  const answer = await client.responses.create({
    model: "openclaw",
    input: "weather?",
    tools,
    tool_choice: named,
  });
  assert.equal(answer.output[0]?.type, "function_call");
  assert.deepEqual(asked(), [["weather"], "required"]);
});

test("calls that were made together go in again together, each with its result", async () => {
  await using model = await openFaultModel(says("both known"));
  await using gateway = await openGateway({ config: model.config() });
  const call_of = (call_id: string) => ({
    type: "function_call" as const,
    call_id,
    name: "weather",
    arguments: "{}",
  });
  const result = (call_id: string) => ({
    type: "function_call_output" as const,
    call_id,
    output: `sun ${call_id}`,
  });
  const question = { role: "user" as const, content: "two towns" };
  const input = [question, call_of("a"), call_of("b"), result("a"), result("b")];
  await clientOf(gateway).responses.create({ model: "openclaw", input });
  const sent = model.requests[0]!.body.messages.slice(-3);
  assert.deepEqual(
    sent.map(({ role, content, tool_calls }: { role: string; content: string; tool_calls?: unknown[] }) =>
      role === "assistant" ? tool_calls!.length : content,
    ),
    [2, "sun a", "sun b"],
  );
});

test("a text file goes into the message under its name, a picture is looked at, anything else is refused by name", async () => {
  await using model = await openFaultModel(says("read"));
  await using gateway = await openGateway({ config: model.config() });
  const client = clientOf(gateway);
  const base64 = (data: string) => Buffer.from(data).toString("base64");
  const note = `data:text/markdown;base64,${base64("# Grüße")}`;
  const picture = `data:image/png;base64,${base64("png")}`;
  const file = (filename: string, file_data: string) => ({
    type: "input_file" as const,
    filename,
    file_data,
  });
  const ask = (...content: ReturnType<typeof file>[]) =>
    client.responses.create({ model: "openclaw", input: [{ role: "user", content }] });
  await ask(file("note.md", note), file("p.png", picture));
  const [text, image] = model.requests[0]!.body.messages.at(-1).content;
  assert.equal(text.text, "[file note.md]\n# Grüße\n[end of file note.md]");
  assert.equal(image.type, "image_url");
  await client.chat.completions.create({
    model: "openclaw",
    messages: [
      { role: "user", content: [{ type: "file", file: { filename: "a.csv", file_data: base64("1;2") } }] },
    ],
  });
  assert.match(JSON.stringify(model.requests[1]!.body.messages.at(-1).content), /\[file a\.csv\]\\n1;2/);
  await assert.rejects(
    ask(file("x.pdf", `data:application/pdf;base64,${base64("%PDF")}`)),
    /'x\.pdf'.*is no text/,
  );
  await assert.rejects(
    ask(file("x.txt", `data:text/plain;base64,${Buffer.from([0xff, 0xfe]).toString("base64")}`)),
    /is no text/,
  );
  await assert.rejects(ask(file("big.txt", "A".repeat(7_000_008))), /larger than 5 MB/);
});

const REFUSED = [
  { name: "no question", body: { input: [] }, says: /Missing user message in `input`/ },
  { name: "input of the wrong kind", body: { input: 5 }, says: /input/ },
  {
    name: "a response nobody made",
    body: { input: "x", previous_response_id: "resp_x" },
    says: /'resp_x' not found/,
  },
  { name: "another agent", body: { input: "x", model: "openclaw/nobody" }, says: /Unknown agent 'nobody'/ },
  {
    name: "a result without its call",
    body: { input: [{ type: "function_call_output", call_id: "c", output: "x" }] },
    says: /answers no tool call/,
  },
  {
    name: "a forced tool and none declared",
    body: { input: "x", tool_choice: "required" },
    says: /tool_choice/,
  },
  {
    name: "two tools of one name",
    body: { input: "x", tools: [WEATHER, WEATHER].map((tool) => ({ type: "function", ...tool })) },
    says: /same name/,
  },
  {
    name: "[HTTP-01] an image by address",
    body: {
      input: [
        { role: "user", content: [{ type: "input_image", image_url: "http://169.254.169.254/latest" }] },
      ],
    },
    says: /data URLs only/,
  },
  {
    name: "[HTTP-01] a file by address",
    body: {
      input: [{ role: "user", content: [{ type: "input_file", file_url: "http://169.254.169.254/latest" }] }],
    },
    says: /fetches nothing/,
  },
];
test("[HTTP-01] what is wrong with a request of the Responses API is said before anything is asked", async () => {
  await using model = await openFaultModel(says("never"));
  await using gateway = await openGateway({ config: model.config() });
  for (const { name, body, says: words } of REFUSED) {
    const answer = await call({ port: gateway.port, path: "/v1/responses", token: gateway.token, body });
    assert.equal(answer.status, 400, name);
    assert.match(answer.json.error.message, words, name);
  }
  assert.equal(model.requests.length, 0);
  const stranger = await call({ port: gateway.port, path: "/v1/responses", body: { input: "x" } });
  assert.equal(stranger.status, 401);
});

test("trouble before the first word is an HTTP status, afterwards an event response.failed", async () => {
  await using model = await openFaultModel(json(429, { error: { message: "slow" } }, { "retry-after": "9" }));
  await using gateway = await openGateway({ config: model.config() });
  const ask = () =>
    call({
      port: gateway.port,
      path: "/v1/responses",
      token: gateway.token,
      body: { input: "x", stream: true },
    });
  const before = await ask();
  assert.equal(before.status, 429);
  assert.equal(before.headers["retry-after"], "9");
  model.answer = pieces(chunk({ content: "a" }), "data: {oops\n\n");
  const { status, text } = await ask();
  assert.equal(status, 200);
  assert.match(text, /event: response\.failed\ndata: \{.*"status":"failed"/);
});
