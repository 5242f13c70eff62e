import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  ChatEventSchema,
  ChatHistoryDeltaResultSchema,
  ChatMessageGetResultSchema,
  SessionRowSchema,
  SessionsCreateResultSchema,
  SessionsDeleteResultSchema,
  SessionsResolveResultSchema,
  SessionsSearchResultSchema,
} from "@openclaw/gateway-protocol/schema";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { openHeldModel } from "../kit/model.ts";
import { connectWire, type WireClient, type WireFrame } from "../kit/wire.ts";

let gateway: TestGateway;
let client: WireClient;
before(async () => {
  gateway = await openGateway();
  client = await connect();
});
after(async () => {
  client[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const connect = (scopes = ["operator.admin"]) => connectWire(gateway.port, { token: gateway.token, scopes });

// biome-ignore lint/suspicious/noExplicitAny: a foreign client's view of answers
type Foreign = any;

async function ask(method: string, params: object = {}): Promise<Foreign> {
  const { ok, payload, error } = await client.request(method, params);
  assert.ok(ok, `${method}: ${JSON.stringify(error)}`);
  return payload;
}

async function say(key: string, message: string): Promise<string> {
  const { runId } = await ask("sessions.send", { key, message });
  await client.next(isFinal(runId));
  return runId;
}

const isFinal = (runId: string) => (frame: WireFrame) =>
  frame.event === "chat" && frame.payload.runId === runId && frame.payload.state === "final";

/** As the published schema has it, which knows more fields than we send. */
function fits(schema: TSchema, value: unknown): void {
  assert.deepEqual([...Value.Errors(schema, value)].slice(0, 3), []);
}

test("a session is made with its name, patched, found again and listed as the published schema has it", async () => {
  const made = await ask("sessions.create", { key: "plans", label: "Plans", thinkingLevel: "high" });
  fits(SessionsCreateResultSchema, made);
  assert.equal(made.key, "agent:main:plans");
  assert.equal(made.runStarted, false);
  assert.deepEqual([made.entry.label, made.entry.thinkingLevel], ["Plans", "high"]);

  const patched = await ask("sessions.patch", {
    key: "plans",
    pinned: true,
    model: "demo/other",
    label: null,
  });
  assert.equal(patched.entry.label, undefined);
  assert.equal(patched.entry.pinned, true);
  assert.deepEqual(patched.resolved, { modelProvider: "demo", model: "other" });
  fits(SessionRowSchema, patched.entry);
  assert.equal((await ask("sessions.patch", { key: "plans", label: "Plans" })).entry.thinkingLevel, "high");

  const bySomething = [
    { label: "Plans" },
    { sessionId: made.sessionId },
    { shortId: made.sessionId.slice(0, 8) },
  ];
  for (const named of [...bySomething, { key: "plans" }]) {
    const found = await ask("sessions.resolve", named);
    fits(SessionsResolveResultSchema, found);
    assert.equal(found.key, "agent:main:plans");
  }
  assert.deepEqual(await ask("sessions.resolve", { label: "nobody", allowMissing: true }), { ok: false });
  const unknown = await client.request("sessions.resolve", { label: "nobody" });
  assert.equal(unknown.error.message, "No session found: nobody");
});

test("the model of a session answers its turns, and one that cannot be used is refused before anything is set", async () => {
  await ask("sessions.create", { key: "own-model", model: "demo/mine" });
  await say("own-model", "say 2 words");
  const { messages } = await ask("chat.history", { sessionKey: "own-model" });
  assert.equal(messages.at(-1).model, "mine");

  const { error } = await client.request("sessions.patch", {
    key: "own-model",
    model: "nobody/m",
    label: "X",
  });
  assert.match(error.message, /unknown model provider "nobody"/);
  const { session } = await ask("sessions.describe", { key: "own-model" });
  assert.deepEqual([session.model, session.label], ["mine", undefined]);
  const failed = await client.request("sessions.create", { key: "half-made", model: "nobody/m" });
  assert.equal(failed.ok, false);
  assert.deepEqual(await ask("sessions.describe", { key: "half-made" }), { session: null });
});

test("a setting this gateway does not act on is refused instead of kept", async () => {
  await ask("sessions.create", { key: "strict" });
  const { error } = await client.request("sessions.patch", { key: "strict", sendPolicy: "deny" });
  assert.match(error.message, /does not act on sendPolicy/);
  await ask("sessions.patch", { key: "strict", sendPolicy: null });
});

test("archived sessions leave the list until somebody writes to them; unread is what came after the reading", async () => {
  const listed = async (extra = {}) =>
    (await ask("sessions.list", { search: "shelf", ...extra })).sessions.map(({ key }: Foreign) => key);
  await say("shelf", "say 1 word");
  await ask("sessions.patch", { key: "shelf", archived: true, unread: false });
  assert.deepEqual(await listed(), []);
  assert.deepEqual(await listed({ archived: true }), ["agent:main:shelf"]);
  assert.deepEqual(await listed({ archived: "all" }), ["agent:main:shelf"]);

  assert.equal((await ask("sessions.describe", { key: "shelf" })).session.unread, false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await say("shelf", "say 30 words");
  assert.deepEqual(await listed(), ["agent:main:shelf"]);
  const marked = await ask("sessions.patch", { key: "shelf", unread: true });
  assert.equal(marked.entry.unread, true);
  // A client that saw no mark does not take away the one that came meanwhile.
  const stale = await ask("sessions.patch", { key: "shelf", unread: false, expectedMarkedUnreadAt: null });
  assert.equal(stale.entry.unread, true);
});

test("the list is paged without gaps, and filtered by agent, label and age", async () => {
  for (const name of ["page-1", "page-2", "page-3"]) await ask("sessions.create", { key: name });
  const seen: string[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const page: Foreign = await ask("sessions.list", { search: "page-", limit: 2, offset });
    assert.equal(page.totalCount, 3);
    seen.push(...page.sessions.map(({ key }: Foreign) => key));
    offset = page.nextOffset;
  }
  assert.deepEqual([...seen].sort(), ["agent:main:page-1", "agent:main:page-2", "agent:main:page-3"]);
  assert.equal((await ask("sessions.list", { agentId: "nobody" })).totalCount, 0);
  await ask("sessions.patch", { key: "page-2", label: "Second" });
  assert.equal((await ask("sessions.list", { label: "Second", activeMinutes: 5 })).totalCount, 1);
});

test("a reset begins anew under the same id: history holds the word Reset, and an export still holds what was said", async () => {
  const watcher = await connect();
  await watcher.request("sessions.subscribe");
  await say("anew", "say 2 words");
  const before = (await ask("sessions.describe", { key: "anew" })).session;
  const { entry } = await ask("sessions.reset", { key: "anew" });
  assert.equal(entry.sessionId, before.sessionId);
  assert.notEqual(entry.lifecycleRevision, before.lifecycleRevision);
  const { messages, totalMessages } = await ask("chat.history", { sessionKey: "anew" });
  assert.deepEqual(
    [totalMessages, messages.map(({ role, content }: Foreign) => [role, content[0].text])],
    [1, [["system", "Reset"]]],
  );
  assert.equal((await ask("chat.history", { sessionKey: "anew", all: true })).totalMessages, 3);
  const changed = await watcher.next(
    ({ event, payload }) => event === "sessions.changed" && payload.reason === "reset",
  );
  assert.equal(changed.payload.session.key, "agent:main:anew");
  watcher[Symbol.dispose]();
});

test("delete removes messages and turns, keeps them in a file where asked to, and never takes the main session", async () => {
  const runId = await say("gone", "say 2 words");
  const deleted = await ask("sessions.delete", { key: "gone", deleteTranscript: false });
  fits(SessionsDeleteResultSchema, deleted);
  const lines = readFileSync(deleted.archived[0], "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ type, role }) => role ?? type),
    ["session", "user", "assistant"],
  );
  const { database } = gateway.running.services.turns.store;
  assert.equal(database.prepare("SELECT count(*) AS n FROM messages WHERE run_id = ?").get(runId)!.n, 0);
  assert.deepEqual(await ask("sessions.delete", { key: "gone" }), {
    ok: true,
    key: "agent:main:gone",
    deleted: false,
    archived: [],
  });
  const { error } = await client.request("sessions.delete", { key: "main" });
  assert.equal(error.message, "Cannot delete the main session (agent:main:main).");
  const usage = await ask("sessions.usage", { key: "gone" });
  assert.ok(usage.sessions.every(({ deleted: isGone }: Foreign) => isGone));
});

test("delete and reset stop a turn that runs, and refuse who read the session before it changed", async () => {
  await using model = await openHeldModel();
  await using held = await openGateway({ config: model.config });
  using own = await connectWire(held.port, { token: held.token, scopes: ["operator.admin"] });
  await own.request("chat.send", { sessionKey: "busy", message: "first", idempotencyKey: "b1" });
  await own.next(({ event, payload }) => event === "chat" && payload.state === "delta");

  using late = await connectWire(held.port, { token: held.token, scopes: ["operator.admin"] });
  const { payload: page } = await late.request("chat.history", { sessionKey: "busy" });
  assert.equal(page.inFlightRun.runId, "b1");
  assert.equal(page.inFlightRun.text, "answer 1");
  assert.ok(Number.isInteger(page.inFlightRun.seq));
  const injected = await late.request("chat.inject", { sessionKey: "busy", message: "x" });
  assert.match(injected.error.message, /is answering/);

  const stale = await late.request("sessions.delete", { key: "busy", expectedSessionUpdatedAt: 1 });
  assert.equal(stale.error.details.code, "SESSION_CHANGED");
  const { payload } = await late.request("sessions.delete", { key: "busy" });
  assert.equal(payload.deleted, true);
  await own.next(({ event, payload: at }) => event === "chat" && at.state === "aborted");
  assert.deepEqual((await late.request("sessions.describe", { key: "busy" })).payload, { session: null });

  await own.request("chat.send", { sessionKey: "other", message: "second", idempotencyKey: "b2" });
  await own.next(({ event, payload: at }) => event === "chat" && at.runId === "b2" && at.state === "delta");
  const aborted = await late.request("sessions.abort", { runId: "b2" });
  assert.deepEqual(aborted.payload, { ok: true, abortedRunId: "b2", status: "aborted" });
  const idle = await late.request("sessions.abort", { key: "nobody" });
  assert.equal(idle.payload.status, "no-active-run");
});

test("a client that comes back asks for what came since, and is told to begin anew after a reset", async () => {
  await say("news", "say 1 word");
  const page = await ask("chat.history", { sessionKey: "news" });
  await say("news", "say 2 words");
  const delta = await ask("chat.history", { sessionKey: "news", cursor: page.deltaCursor });
  fits(ChatHistoryDeltaResultSchema, delta);
  assert.deepEqual(
    delta.messages.map(({ role }: Foreign) => role),
    ["user", "assistant"],
  );
  const nothing = await ask("chat.history", { sessionKey: "news", cursor: delta.deltaCursor });
  assert.deepEqual(nothing.messages, []);
  const many = await ask("chat.history", { sessionKey: "news", cursor: page.deltaCursor, limit: 1 });
  assert.deepEqual(many, { kind: "reset" });
  await ask("sessions.reset", { key: "news" });
  assert.deepEqual(await ask("chat.history", { sessionKey: "news", cursor: delta.deltaCursor }), {
    kind: "reset",
  });
  const wrong = await client.request("chat.history", { sessionKey: "news", cursor: "delta:x" });
  assert.match(wrong.error.message, /not a cursor/);
});

test("chat.inject shows as a reply to everybody who watches, and is in the transcript", async () => {
  await say("told", "say 1 word");
  await ask("sessions.messages.subscribe", { key: "told" });
  const { messageId } = await ask("chat.inject", { sessionKey: "told", message: "hello", label: "note" });
  const final = await client.next(
    ({ event, payload }) => event === "chat" && payload.runId?.startsWith("inject-"),
  );
  fits(ChatEventSchema, final.payload);
  const stored = await client.next(
    ({ event, payload }) => event === "session.message" && payload.messageId === messageId,
  );
  assert.equal(stored.payload.session.key, "agent:main:told");
  const got = await ask("chat.message.get", { sessionKey: "told", messageId });
  fits(ChatMessageGetResultSchema, got);
  assert.equal(got.message.content[0].text, "[note]\n\nhello");
  assert.deepEqual(await ask("chat.message.get", { sessionKey: "told", messageId: "none" }), {
    ok: false,
    unavailableReason: "not_found",
  });
  const oversized = await ask("chat.message.get", { sessionKey: "told", messageId, maxChars: 3 });
  assert.equal(oversized.unavailableReason, "oversized");
});

test("previews, plain messages and the search show what was said", async () => {
  await say("talk", "say 3 words about zebras");
  const { previews } = await ask("sessions.preview", { keys: ["talk", "nobody"], maxChars: 20 });
  assert.deepEqual([previews[0].status, previews[1].status], ["ok", "missing"]);
  assert.equal(previews[0].items[0].text, "say 3 words about z…");
  assert.equal((await ask("sessions.get", { key: "talk" })).messages.length, 2);
  const found = await ask("sessions.search", { query: "ZEBRAS words" });
  fits(SessionsSearchResultSchema, found);
  assert.equal(found.results[0].sessionKey, "agent:main:talk");
  assert.equal(found.truncated, false);
  assert.deepEqual((await ask("sessions.search", { query: "zebras", sessionKeys: ["news"] })).results, []);
});

test("what a session cost is told by session, over time and by message", async () => {
  await say("bill", "say 2 words");
  const usage = await ask("sessions.usage", { key: "bill" });
  assert.equal(usage.sessions[0].key, "agent:main:bill");
  assert.equal(usage.totals.calls, 1);
  assert.equal(usage.aggregates.byModel[0].model, "demo/echo");
  const { points } = await ask("sessions.usage.timeseries", { key: "bill" });
  assert.equal(points.at(-1).cumulativeTokens, usage.totals.totalTokens);
  const { logs } = await ask("sessions.usage.logs", { key: "bill" });
  assert.deepEqual(
    logs.map(({ role }: Foreign) => role),
    ["user", "assistant"],
  );
});
