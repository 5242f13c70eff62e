import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { askProvider, finishOf, modelCall } from "../../src/agent/provider.fixture.ts";
import completions from "../../src/agent/providers/openai-completions.ts";
import {
  type Answer,
  begin,
  chunk,
  drips,
  html,
  json,
  openFaultModel,
  pieces,
  resetsAfter,
  stalls,
  stallsAfter,
} from "../kit/fault-model.ts";

const SHORT = { connectMs: 250, firstByteMs: 250, idleMs: 150, totalMs: 3_000 };
const euro = Buffer.from(chunk({ content: "5 €" }));
const inHalves: Answer = async (response) => {
  begin(response);
  const middle = euro.indexOf(0x82);
  response.write(euro.subarray(0, middle));
  await new Promise((resolve) => setTimeout(resolve, 30));
  response.write(euro.subarray(middle));
  response.end(chunk({}, "stop"));
};
const hugeLine: Answer = (response) => {
  begin(response);
  response.write(chunk({ content: "kept" }));
  response.write(`data: ${"x".repeat(10 * 1024 * 1024)}`);
  response.end();
};

const FAULTS: {
  name: string;
  answer: Answer;
  failure?: string;
  text?: string;
  says?: RegExp;
  /** Not about time. */
  patient?: true;
}[] = [
  {
    name: "stalls before its first byte",
    answer: stalls,
    failure: "timeout",
    says: /sent no answer within 250 ms/,
  },
  { name: "stalls after its head", answer: stallsAfter(), failure: "timeout", says: /went silent/ },
  {
    name: "stalls in the middle",
    answer: stallsAfter(chunk({ content: "a" })),
    failure: "timeout",
    text: "a",
  },
  {
    name: "sends a byte now and then and never an event",
    answer: drips(40),
    failure: "timeout",
    says: /no whole event within 250 ms/,
  },
  {
    name: "500",
    answer: json(500, { error: { message: "oops" } }),
    failure: "overloaded",
    says: /HTTP 500: .*oops/,
  },
  {
    name: "429 with Retry-After",
    answer: json(429, { error: { message: "slow" } }, { "retry-after": "3" }),
    failure: "rate-limit",
  },
  { name: "429 without", answer: json(429, { error: { message: "slow" } }), failure: "rate-limit" },
  {
    name: "403 as a web page",
    answer: html(403),
    failure: "network",
    says: /HTTP 403: the answer is a web page/,
  },
  { name: "half a character in each piece", answer: inHalves, text: "5 €" },
  {
    name: "JSON that is none",
    answer: pieces(chunk({ content: "a" }), "data: {oops\n\n"),
    failure: "malformed",
    text: "a",
  },
  {
    name: "a reset in the middle",
    answer: resetsAfter(chunk({ content: "a" })),
    failure: "network",
    text: "a",
  },
  {
    name: "a line of 10 MB",
    answer: hugeLine,
    patient: true,
    failure: "malformed",
    text: "kept",
    says: /without an event/,
  },
  { name: "an empty stream", answer: pieces(""), failure: "malformed", says: /ended before it began/ },
  { name: "an end without a reason", answer: pieces(chunk({ content: "all of it" })), text: "all of it" },
];

test("[R15] [HTTP-08] each fault of a model server ends in its class, once, with the text that came", async () => {
  await using model = await openFaultModel(stalls);
  for (const { name, answer, failure, text = "", says, patient } of FAULTS) {
    model.answer = answer;
    const events = await askProvider(
      completions,
      modelCall({ baseUrl: model.baseUrl, ...(!patient && { deadlines: SHORT }) }),
    );
    const finish = finishOf(events);
    const said = events.flatMap((one) => (one.kind === "text" ? one.delta : [])).join("");
    assert.equal(finish.reason === "failed" ? finish.failure : undefined, failure, name);
    assert.equal(said, text, name);
    if (says) assert.match("message" in finish ? finish.message : "", says, name);
  }
  assert.equal(model.requests.length, FAULTS.length, "one call each");
});

test("[R15] a connection that is never finished ends with the connect deadline", async () => {
  // TLS is spoken to somebody who does not speak it: the connection stands and the handshake never ends.
  const held: Socket[] = [];
  const mute = createServer((socket) => void held.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = mute.address() as { port: number };
    const target = { baseUrl: `https://127.0.0.1:${port}/v1`, deadlines: SHORT };
    const finish = finishOf(await askProvider(completions, modelCall(target)));
    assert.partialDeepStrictEqual(finish, { failure: "timeout" });
    assert.match("message" in finish ? finish.message : "", /accepted no connection within 250 ms/);
  } finally {
    for (const socket of held) socket.destroy();
    mute.close();
  }
});
