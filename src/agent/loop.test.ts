import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_USAGE, text, textOf } from "../protocol/messages.ts";
import type { ProviderEvent } from "./provider.ts";
import {
  calls,
  messagesIn,
  type Script,
  STOP,
  say,
  scripted,
  started,
  tool,
  USAGE,
  user,
} from "./run.fixture.ts";

test("a plain answer is streamed, stored once and counted", async () => {
  const { events, end } = started(scripted(say("Hel", "lo")));
  const { target, ...rest } = await end;
  assert.deepEqual(rest, { reason: "stop", text: "Hello", usage: USAGE, steps: 1 });
  assert.equal(target?.model, "m");
  assert.deepEqual(
    events.map((event) => event.kind),
    ["model", "text", "text", "usage", "attempt", "message"],
  );
  assert.deepEqual(events[2], { kind: "text", itemId: "run-1", delta: "lo", text: "Hello" });
  const [message] = messagesIn(events);
  assert.equal(message?.stopReason, "stop");
  assert.equal(message?.model, "m");
  assert.deepEqual(message?.usage, USAGE);
});

test("an assistant message with tool calls is on record before its tools run", async () => {
  const order: string[] = [];
  const look = tool("look", "external", async () => {
    order.push("tool");
    return { text: "3 files", details: { count: 3 } };
  });
  const provider = scripted(calls(["look", {}]), say("Three."));
  const { events, end } = started(provider, {
    tools: [look],
    onEvent: (event) => {
      if (event.kind === "message") order.push(event.message.role);
    },
  });
  const { text: answer, steps } = await end;
  assert.deepEqual({ answer, steps }, { answer: "Three.", steps: 2 });
  assert.deepEqual(order, ["assistant", "tool", "toolResult", "assistant"]);

  const [asked, result] = messagesIn(events);
  assert.equal(asked?.stopReason, "toolUse");
  assert.deepEqual(result?.details, { count: 3 });
  assert.equal(result?.toolCallId, "c0");
  assert.deepEqual(
    provider.calls[1]?.messages.map((message) => message.role),
    ["user", "assistant", "toolResult"],
  );
});

test("an abort in the middle of an answer keeps what was said, even if the provider ignores it", async () => {
  const control = new AbortController();
  const provider = scripted(async function* () {
    yield { kind: "text", delta: "half an" };
    await new Promise(() => {});
  });
  const { events, end } = started(provider, {
    signal: control.signal,
    onEvent: (event) => {
      if (event.kind === "text") queueMicrotask(() => control.abort());
    },
  });
  const { reason, text: said } = await end;
  assert.deepEqual({ reason, said }, { reason: "aborted", said: "half an" });
  const [message] = messagesIn(events);
  assert.equal(message?.stopReason, "aborted");
  assert.equal(textOf(message!), "half an");
});

test("an abort during a tool leaves its call without a result, even if the tool ignores it", async () => {
  const control = new AbortController();
  const stuck = tool("stuck", "external", (_, { progress }) => {
    progress("working");
    setImmediate(() => control.abort());
    return new Promise(() => {});
  });
  const { events, end } = started(scripted(calls(["stuck", {}], ["stuck", {}])), {
    tools: [stuck],
    signal: control.signal,
  });
  assert.equal((await end).reason, "aborted");
  assert.deepEqual(
    messagesIn(events).map((message) => message.role),
    ["assistant"],
  );
  assert.equal(events.filter((event) => event.kind === "tool-start").length, 1);
  assert.deepEqual(
    events.find((event) => event.kind === "tool-update"),
    { kind: "tool-update", toolCallId: "c0", name: "stuck", text: "working" },
  );
});

test("an aborted signal starts nothing", async () => {
  const provider = scripted();
  const { end } = started(provider, { signal: AbortSignal.abort() });
  assert.deepEqual(await end, { reason: "aborted", text: "", usage: NO_USAGE, steps: 0 });
  assert.equal(provider.calls.length, 0);
});

test("[model-incomplete-turn] an empty answer is asked for again exactly once", async () => {
  const { events, end } = started(scripted([STOP], say(" ")));
  const { reason, failure, message, steps } = await end;
  assert.deepEqual({ reason, failure, steps }, { reason: "failed", failure: "malformed", steps: 2 });
  assert.match(message ?? "", /incomplete turn detected.*stopReason=stop.*payloads=0/);
  assert.deepEqual(messagesIn(events), []);
});

test("an answer after an empty one is an ordinary answer", async () => {
  const { end } = started(scripted([STOP], say("here")));
  const { reason, text: said } = await end;
  assert.deepEqual({ reason, said }, { reason: "stop", said: "here" });
});

test("nothing is asked again once a tool may have changed something", async () => {
  const touch = tool("touch", "external", async () => ({ text: "done" }));
  const { end } = started(scripted(calls(["touch", {}]), [STOP]), { tools: [touch] });
  const { reason, steps, message } = await end;
  assert.deepEqual({ reason, steps }, { reason: "failed", steps: 2 });
  assert.match(message ?? "", /tools=1 replaySafe=no/);
});

test("a failed call keeps the text that came and drops its tool calls", async () => {
  const failed: ProviderEvent = {
    kind: "finish",
    reason: "failed",
    failure: "rate-limit",
    message: "HTTP 429: slow down",
    retryAfterMs: 2000,
  };
  const provider = scripted([{ kind: "text", delta: "I was" }, ...calls(["x", {}]).slice(0, 1), failed]);
  const { events, end } = started(provider);
  const { reason, failure, message, retryAfterMs, text: said } = await end;
  assert.deepEqual(
    { reason, failure, message, retryAfterMs, said },
    {
      reason: "failed",
      failure: "rate-limit",
      message: "HTTP 429: slow down",
      retryAfterMs: 2000,
      said: "I was",
    },
  );
  const [kept] = messagesIn(events);
  assert.equal(kept?.stopReason, "error");
  assert.equal(kept?.errorMessage, "HTTP 429: slow down");
  assert.deepEqual(kept?.content, text("I was"));
});

test("a run that reaches its limit says so and stops", async () => {
  const look = tool("look", "none", async () => ({ text: "more" }));
  const { events, end } = started(scripted(calls(["look", {}]), calls(["look", {}])), {
    tools: [look],
    maxSteps: 2,
  });
  const { reason, text: said, steps } = await end;
  assert.deepEqual({ reason, steps }, { reason: "stop", steps: 2 });
  assert.match(said, /limit of 2 model calls/);
  assert.equal(textOf(messagesIn(events).at(-1)!), said);
});

test("messages that arrive meanwhile are taken in before the next model call", async () => {
  const waiting = [[], [user("stop that")], []];
  const look = tool("look", "none", async () => ({ text: "seen" }));
  const provider = scripted(calls(["look", {}]), say("stopped"));
  const { events, end } = started(provider, { tools: [look], takeSteered: () => waiting.shift() ?? [] });
  await end;
  assert.deepEqual(
    messagesIn(events).map((message) => message.role),
    ["assistant", "toolResult", "user", "assistant"],
  );
  assert.equal(textOf(provider.calls[1]!.messages.at(-1)!), "stop that");
});

test("a message that arrives during the last answer is answered too", async () => {
  const waiting = [[], [user("and this?")]];
  const { end } = started(scripted(say("first"), say("second")), {
    takeSteered: () => waiting.shift() ?? [],
  });
  const { text: said, steps, usage } = await end;
  assert.deepEqual({ said, steps, total: usage.totalTokens }, { said: "second", steps: 2, total: 10 });
});

const DEFECTS: { name: string; script: Script; says: RegExp }[] = [
  {
    name: "a provider that throws",
    // biome-ignore lint/correctness/useYield: it fails before its first event.
    script: async function* () {
      throw new Error("boom");
    },
    says: /boom/,
  },
  { name: "a provider without a finish", script: [{ kind: "text", delta: "x" }], says: /without a finish/ },
];
for (const { name, script, says } of DEFECTS) {
  test(`${name} ends the run as failed instead of rejecting`, async () => {
    const { reason, failure, message } = await started(scripted(script)).end;
    assert.deepEqual({ reason, failure }, { reason: "failed", failure: undefined });
    assert.match(message ?? "", says);
  });
}

test("a listener that throws ends the run as failed instead of rejecting", async () => {
  const { end } = started(scripted(say("hi")), {
    onEvent: (event) => {
      if (event.kind === "message") throw new Error("disk full");
    },
  });
  const { reason, message } = await end;
  assert.deepEqual({ reason, message }, { reason: "failed", message: "disk full" });
});
