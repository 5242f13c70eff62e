import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../test/kit/clock.ts";
import { makeState } from "../../test/kit/state.ts";
import { text, textOf } from "../protocol/messages.ts";
import { resetSession } from "./change.ts";
import { readConversation, recordCompaction } from "./compaction.ts";
import { parseCursor, readHistory } from "./history.ts";
import { openJournal } from "./journal.ts";
import { isReserved, parseSessionKey, sessionKey } from "./keys.ts";
import { KEPT_STATELESS, statelessKey } from "./stateless.ts";
import { openSessionStore } from "./store.ts";

function fixture() {
  const state = makeState({});
  const clock = handClock(1_000);
  const store = openSessionStore(join(state.dir, "sessions.sqlite"), clock);
  return {
    clock,
    store,
    journal: openJournal(store, clock),
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}

const request = { surface: "chat.send", content: text("hello"), resumable: true };
const main = sessionKey("main", "main");

const KEYS = [
  { input: "main", want: "agent:main:main" },
  { input: " lab1 ", want: "agent:main:lab1" },
  { input: "agent:Work:x:y", want: "agent:work:x:y" },
  { input: "agent::x", want: undefined },
  { input: "agent:../etc:x", want: undefined },
  { input: "", want: undefined },
  { input: "a\u0000b", want: undefined },
  { input: "a\nb", want: undefined },
  { input: "x".repeat(500), want: undefined },
] as const;
for (const { input, want } of KEYS) {
  test(`[CONF-13] session key ${JSON.stringify(input.slice(0, 20))}`, () =>
    assert.equal(parseSessionKey(input, "main")?.text, want));
}

test("the gateway's own namespaces are reserved", () => {
  assert.equal(isReserved(sessionKey("main", "cron:job")), true);
  assert.equal(isReserved(sessionKey("main", "cronies")), false);
});

test("a turn is accepted once; the same run id again is a duplicate", () => {
  using sessions = fixture();
  assert.equal(sessions.journal.accept("r1", main, request).kind, "accepted");
  const again = sessions.journal.accept("r1", main, request);
  assert.equal(again.kind, "duplicate");
  assert.equal(sessions.journal.pending(main.text).length, 1);
});

test("the user message enters the transcript when the turn begins, once over all attempts", () => {
  using sessions = fixture();
  const accepted = sessions.journal.accept("r1", main, request);
  assert.ok(accepted.kind === "accepted");
  const { database } = sessions.store;
  assert.equal(readConversation(database, accepted.session.sessionId).messages.length, 0);
  assert.equal(sessions.journal.begin("r1", accepted.session)[0]?.idempotencyKey, "r1:user");
  sessions.journal.putBack("r1");
  assert.deepEqual(sessions.journal.begin("r1", accepted.session), []);
  assert.equal(readConversation(database, accepted.session.sessionId).messages.length, 1);
  assert.equal(sessions.journal.find("r1")?.attempts, 2);
});

test("ended turns are not unfinished, and are forgotten after their time; messages stay", () => {
  using sessions = fixture();
  const accepted = sessions.journal.accept("r1", main, request);
  assert.ok(accepted.kind === "accepted");
  sessions.journal.begin("r1", accepted.session);
  assert.deepEqual(
    sessions.journal.unfinished().map(({ runId }) => runId),
    ["r1"],
  );
  sessions.journal.finish("r1", "ok", { reply: "hi" });
  assert.deepEqual(sessions.journal.unfinished(), []);
  assert.equal(sessions.journal.lastOf(main.text)?.state, "ok");
  assert.equal(sessions.journal.find("r1")?.reply, "hi");
  sessions.clock.advance(10);
  assert.equal(sessions.journal.prune(sessions.clock.now()), 1);
  assert.equal(sessions.journal.find("r1"), undefined);
  assert.equal(readConversation(sessions.store.database, accepted.session.sessionId).messages.length, 1);
});

test("history pages from the newest; a cursor stays in place while messages arrive", () => {
  using sessions = fixture();
  const { store } = sessions;
  const session = store.ensure(main);
  const add = (n: number) =>
    store.append(session, { role: "user", content: text(`m${n}`), timestamp: n }, undefined);
  for (let n = 1; n <= 5; n++) add(n);
  const read = (query: object) =>
    readHistory(store.database, { sessionId: session.sessionId, limit: 2, ...query });
  const texts = (page: ReturnType<typeof read>) => page.messages.map(({ timestamp }) => timestamp);

  const newest = read({});
  assert.deepEqual(texts(newest), [4, 5]);
  assert.equal(newest.total, 5);
  assert.equal(newest.hasMore, true);
  assert.equal(newest.nextOffset, 2);
  add(6);
  assert.deepEqual(texts(read({ beforeSeq: parseCursor(newest.nextCursor!)! })), [2, 3]);
  assert.deepEqual(texts(read({ offset: 4 })), [1, 2]);
  const last = read({ beforeSeq: 2 });
  assert.deepEqual(texts(last), [1]);
  assert.equal(last.hasMore, false);
  assert.equal(parseCursor("seq:x"), undefined);
});

test("long texts are cut with a notice, the stored message is whole", () => {
  using sessions = fixture();
  const session = sessions.store.ensure(main);
  sessions.store.append(session, { role: "user", content: text("x".repeat(100)), timestamp: 1 }, "r");
  const [cut] = readHistory(sessions.store.database, {
    sessionId: session.sessionId,
    limit: 1,
    maxChars: 10,
  }).messages;
  assert.match((cut!.content[0] as { text: string }).text, /^x{10}\n… \(90 more characters\)$/);
  assert.equal(textOf(readConversation(sessions.store.database, session.sessionId).messages[0]!).length, 100);
});

test("what the model reads holds the newest summary and what came after it, and neither notices nor commands", () => {
  using sessions = fixture();
  const { store } = sessions;
  const session = store.ensure(main);
  const add = (role: "user" | "assistant" | "system", words: string, details?: object) =>
    store.append(
      session,
      { role, content: text(words), timestamp: 1, ...(details && { details }) },
      undefined,
    );
  const compact = (throughSeq: number, summary: string) =>
    recordCompaction(
      store,
      session,
      { reason: "window", throughSeq, summary, tokensBefore: 12_000, tokensAfter: 500 },
      { now: 1, runId: undefined },
    );
  for (const words of ["one", "two", "three"]) add("user", words);
  const record = compact(2, "they counted to two");
  assert.match(textOf(record), /12,000 → 500 tokens/);
  add("user", "/status", { kind: "command" });
  add("assistant", "all is well", { kind: "command" });
  add("system", "something happened", { kind: "notice" });
  add("user", "four");
  const read = () => {
    const { summary, messages } = readConversation(store.database, session.sessionId);
    return [summary, ...messages.map(textOf)];
  };
  assert.deepEqual(read(), ["they counted to two", "three", "four"]);
  compact(3, "they counted to three");
  assert.deepEqual(
    read(),
    ["they counted to three", "four"],
    "the newer summary stands for the older one too",
  );
  resetSession(store, store.find(main.text)!, 2);
  assert.deepEqual(read(), [undefined], "a reset takes the summary away as well");
});

test("what the model reads begins with a user message, whatever is in the transcript", () => {
  using sessions = fixture();
  const session = sessions.store.ensure(main);
  for (const role of ["assistant", "toolResult", "assistant", "user", "assistant"] as const) {
    sessions.store.append(session, { role, content: text(role), timestamp: 1 }, undefined);
  }
  assert.deepEqual(
    readConversation(sessions.store.database, session.sessionId).messages.map(({ role }) => role),
    ["user", "assistant"],
  );
});

test("sessions are listed newest first and found by words of their title", () => {
  using sessions = fixture();
  const { store } = sessions;
  for (const [index, name] of ["one", "two", "three"].entries()) {
    const session = store.ensure(sessionKey("main", name));
    store.append(
      session,
      { role: "user", content: text(`talk about ${name}`), timestamp: 10 + index },
      undefined,
    );
  }
  assert.deepEqual(
    store.list({ limit: 2, offset: 0 }).rows.map(({ key }) => key),
    ["agent:main:three", "agent:main:two"],
  );
  assert.equal(store.list({ limit: 2, offset: 0 }).total, 3);
  assert.deepEqual(
    store.list({ limit: 9, offset: 0, search: "ABOUT ONE" }).rows.map(({ key }) => key),
    ["agent:main:one"],
  );
});

test("[DOS-23] calls without a session of their own leave a bounded store behind", () => {
  using sessions = fixture();
  const { clock, store, journal } = sessions;
  const run = (key = statelessKey("main"), end = true) => {
    clock.advance(1);
    const runId = key.text;
    const accepted = journal.accept(runId, key, request);
    assert.ok(accepted.kind === "accepted");
    journal.begin(runId, accepted.session);
    if (end) journal.finish(runId, "ok", { reply: "x".repeat(200) });
    return key;
  };
  const kept = [run(main), run(sessionKey("main", "x:openai:y")), run(statelessKey("main"), false)];
  const first = run();
  const atStart = store.database.prepare("PRAGMA page_count").get()!.page_count as number;
  const many = () => {
    for (let at = 0; at < 3_000; at++) run();
  };
  store.database.transaction(many, { durable: true });
  assert.equal(store.find(first.text), undefined);
  for (const key of kept) assert.ok(store.find(key.text), `${key.text} is not one of them, or still at work`);
  assert.ok(store.count() <= KEPT_STATELESS + 100 + kept.length);
  assert.equal(store.database.prepare("SELECT count(*) AS n FROM turns").get()!.n, store.count());
  const pages = store.database.prepare("PRAGMA page_count").get()!.page_count as number;
  const pageBytes = store.database.prepare("PRAGMA page_size").get()!.page_size as number;
  assert.ok(((pages - atStart) * pageBytes) / 3_000 < 2_048, `${pages} pages`);
});
