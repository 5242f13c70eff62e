import assert from "node:assert/strict";
import { test } from "node:test";
import { type TranscriptMessage, text, textOf } from "../protocol/messages.ts";
import type { ModelCall, ModelTarget, Provider, ProviderEvent } from "./provider.ts";
import { calls, messagesIn, say, scripted, started, tool, user } from "./run.fixture.ts";
import type { HistoryMessage, RunEvent } from "./run.ts";
import { tokensOfAll } from "./tokens.ts";
import { openWindows } from "./window.ts";

const LONG = "the lobster walks along the shore ".repeat(60);
const OVERFLOW: ProviderEvent = {
  kind: "finish",
  reason: "failed",
  failure: "context-overflow",
  message: "HTTP 400: context_length_exceeded: maximum context length is 6000 tokens",
};

function long(exchanges: number): HistoryMessage[] {
  const said = Array.from({ length: exchanges }, (_, n): TranscriptMessage[] => [
    user(`question ${n}: ${LONG}`),
    { role: "assistant", content: text(`answer ${n}: ${LONG}`), timestamp: 1 },
  ]).flat();
  return [...said, user("and now?")].map((message, index) => ({ ...message, seq: index + 1 }));
}

const target = (contextWindow?: number): ModelTarget => ({
  provider: "p",
  model: "m",
  api: "scripted",
  baseUrl: "",
  ...(contextWindow && { contextWindow }),
});

/** Answers in turn, and keeps records as often as it is asked to. */
function recorder(record: string, ...answers: ProviderEvent[][]) {
  const asked: ModelCall[] = [];
  const kept: ModelCall[] = [];
  const provider: Provider = {
    api: "scripted",
    async *call(call) {
      if (call.system.startsWith("You keep the record")) {
        kept.push(call);
        yield* say(`${record} ${kept.length}`);
        return;
      }
      asked.push(call);
      const answer = answers[asked.length - 1];
      assert.ok(answer, `question ${asked.length} was not expected`);
      yield* answer;
    },
  };
  return { provider, asked, kept };
}

function records(events: RunEvent[]) {
  return events.flatMap((event) =>
    event.kind === "compacted" && event.outcome.kind === "made" ? [event.outcome.record] : [],
  );
}

test("a conversation that does not fit is summarised before it is answered, without tools and on the bill [INJ-07]", async () => {
  const { provider, asked, kept } = recorder("they talked about lobsters", say("Now it is late."));
  const look = tool("look", "none", async () => ({ text: "" }));
  const { events, end } = started(provider, {
    history: long(10),
    tools: [look],
    candidates: [{ target: target(10_000), provider }],
  });
  assert.equal((await end).text, "Now it is late.");
  const [summary] = kept;
  const [answer] = asked;
  for (const { tools } of kept) assert.deepEqual(tools, []);
  assert.doesNotMatch(summary!.system, /be nice/);
  assert.match(
    textOf(summary!.messages[0]!),
    /<conversation-([0-9a-f]{16})>\nPerson: question 0[\s\S]+<\/conversation-\1>$/,
  );
  assert.equal(answer!.tools.length, 1);
  assert.match(textOf(answer!.messages[0]!), /they talked about lobsters[\s\S]+question \d/);
  assert.ok(tokensOfAll(answer!.messages) < 7_500);
  assert.equal(textOf(answer!.messages.at(-1)!), "and now?");

  const [record] = records(events);
  assert.equal(record?.reason, "window");
  assert.equal(record?.summary, `they talked about lobsters ${kept.length}`);
  assert.equal(record?.throughSeq, 21 - answer!.messages.length);
  const attempts = events.flatMap((event) => (event.kind === "attempt" ? [event.purpose ?? "reply"] : []));
  assert.deepEqual(attempts, [...kept.map(() => "compaction"), "reply"]);
  assert.equal(messagesIn(events).length, 1, "the summary is no message of the conversation");
});

test("more than a window can hold is summarised part by part, each with the record so far", async () => {
  const { provider, kept } = recorder("part", say("ok"));
  const { end } = started(provider, { history: long(14), candidates: [{ target: target(6_000), provider }] });
  assert.equal((await end).reason, "stop");
  assert.ok(kept.length > 2);
  assert.match(textOf(kept[2]!.messages[0]!), /<recorded-[0-9a-f]+>\npart 2\n/);
  for (const call of kept) assert.ok(tokensOfAll(call.messages) < 6_000);
});

test("too long says the service: the conversation is compacted and asked once more, and the window is remembered", async () => {
  const windows = openWindows();
  const { provider, asked } = recorder("short record", [OVERFLOW], say("fine"), say("again fine"));
  const candidates = [{ target: target(), provider }] as const;
  const { events, end } = started(provider, { history: long(10), windows, candidates: [...candidates] });
  assert.equal((await end).text, "fine");
  const decisions = events.flatMap((event) =>
    event.kind === "attempt" && event.decision ? [event.decision.action] : [],
  );
  assert.deepEqual(decisions, ["compact"]);
  assert.equal(records(events)[0]?.reason, "overflow");
  assert.equal(windows.of(target(), undefined), 6_000);
  assert.ok(tokensOfAll(asked[1]!.messages) < 4_500);

  await started(provider, { history: long(2), windows, candidates: [...candidates] }).end;
  assert.equal(asked.length, 3, "what fits into the window that is known now is asked at once");
});

test("a second time too long is the end: nothing is sent a third time", async () => {
  const { provider, asked } = recorder("record", [OVERFLOW], [OVERFLOW]);
  const { end } = started(provider, { history: long(10), candidates: [{ target: target(), provider }] });
  const { reason, failure } = await end;
  assert.deepEqual([reason, failure, asked.length], ["failed", "context-overflow", 2]);
});

test("without a summary the oldest part is left out, and both the person and the model are told", async () => {
  const provider = scripted(say("I see the rest."));
  const { events, end } = started(provider, {
    history: long(10),
    compaction: { enabled: false },
    candidates: [{ target: target(8_000), provider }],
  });
  assert.equal((await end).reason, "stop");
  assert.match(
    textOf(provider.calls[0]!.messages[0]!),
    /^\[Earlier messages of this conversation are left out here/,
  );
  const notices = events.filter(({ kind }) => kind === "notice");
  assert.equal(notices.length, 1);
  assert.match(
    notices[0]?.kind === "notice" ? notices[0].text : "",
    /oldest part was left out.*\/compact.*\/new/,
  );
});

test("a summary that fails costs the summary, not the answer", async () => {
  const provider = scripted(
    [{ kind: "finish", reason: "failed", failure: "rejected", message: "no" }],
    say("answer"),
  );
  const { events, end } = started(provider, {
    history: long(10),
    candidates: [{ target: target(8_000), provider }],
  });
  assert.equal((await end).text, "answer");
  assert.deepEqual(
    events.flatMap((event) => (event.kind === "compacted" ? [event.outcome.kind] : [])),
    ["failed"],
  );
});

test("tools that bring more than the window holds: their oldest results go, the run goes on", async () => {
  const big = tool("big", "none", async () => ({ text: LONG.repeat(4) }));
  const steps = Array.from({ length: 8 }, () => calls(["big", {}]));
  const provider = scripted(...steps, say("done"));
  const { end } = started(provider, { tools: [big], candidates: [{ target: target(16_000), provider }] });
  assert.equal((await end).text, "done");
  for (const call of provider.calls) assert.ok(tokensOfAll(call.messages) <= 12_000);
});

test("what the service counts corrects the estimate", async () => {
  const windows = openWindows();
  const counted = { input: 40_000, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 40_005 };
  const provider = scripted([
    { kind: "text", delta: "a" },
    { kind: "usage", usage: counted },
    { kind: "finish", reason: "stop" },
  ]);
  await started(provider, { history: long(20), windows, candidates: [{ target: target(), provider }] }).end;
  assert.ok(windows.scale(target()) > 1.2 && windows.scale(target()) <= 3, String(windows.scale(target())));
});

const LIMITS = [
  ["This model's maximum context length is 8192 tokens. However, you requested 9000", 8_192],
  ["prompt is too long: 213000 tokens > 200000 maximum", 200_000],
  ["the request exceeds the available context size (n_ctx 4096)", 4_096],
  ["input too long", 7_000],
] as const;
for (const [message, limit] of LIMITS) {
  test(`the limit of "${message.slice(0, 40)}…" is ${limit}`, () => {
    const windows = openWindows();
    windows.overflowed(target(1_000_000), 10_000, message);
    assert.equal(windows.of(target(1_000_000), undefined), limit);
    assert.equal(windows.of(target(1_000_000), 2_000), 2_000, "the owner's cap is the smaller one");
  });
}
