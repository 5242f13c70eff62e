import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { callBotApi } from "../../../test/kit/telegram/call.ts";
import { idOf, never, nth, openTelegramFixture, outgoing } from "../../../test/kit/telegram/fixture.ts";
import { blocked, otherPoller, Refusal, tooMany, unauthorized } from "../../../test/kit/telegram/server.ts";
import { until } from "../../../test/kit/until.ts";
import { ChannelFault } from "../channel.ts";
import { formatMarkdown } from "./format.ts";

const unexpected = (): never => assert.fail("it did not fail");

test("it connects, polls, hears, answers as a reply, and passes the offset on when the message is on disk", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  const connection = await fixture.open();
  assert.deepEqual(connection.self, { id: String(fake.self.id), name: "@claw_bot" });
  const asked = fake.say({ chat: 501, text: "hi" });
  const message = await nth(received, 1);
  assert.deepEqual([message.messageId, message.text, message.chat.kind], [String(asked), "hi", "direct"]);
  await until("the offset to arrive", () => fake.unconfirmed().length === 0);
  assert.ok(fixture.proofs() > 0);

  const [part] = formatMarkdown("**done** & <well>");
  const sent = await connection.send(
    outgoing("501", part!.text, { plain: part!.plain, replyToId: String(asked) }),
    never(),
  );
  const [reply] = fake.sent(501);
  assert.equal(reply!.id, idOf(sent));
  assert.equal(reply!.text, "done & <well>");
  assert.deepEqual(fake.calls.findLast(({ method }) => method === "sendMessage")!.fields.reply_parameters, {
    message_id: asked,
    allow_sending_without_reply: true,
  });
});

test("a message that could not be stored is not acknowledged and ends the connection; the next one gets it again", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, storage, received } = fixture;
  storage.fails = true;
  const first = await fixture.open();
  fake.say({ chat: 501, text: "hi" });
  assert.match((await first.closed).message, /could not be stored: the disk is full/);
  assert.equal(fake.unconfirmed().length, 1);
  storage.fails = false;
  await fixture.open();
  assert.equal((await nth(received, 1)).text, "hi");
});

test("[CHAN-10] what comes again, out of order or behind a gap is handed in by its own id, and the offset never falls back", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  await fixture.open();
  fake.say({ chat: 501, text: "one" });
  fake.skipUpdateIds(40);
  fake.say({ chat: 501, text: "two" });
  await nth(received, 2);
  fake.repeat(2);
  const third = fake.say({ chat: 501, text: "three" });
  await until("the third", () => received.some(({ messageId }) => messageId === String(third)));
  await until("all of it confirmed", () => fake.unconfirmed().length === 0);
  const ids = new Set(received.map(({ messageId }) => messageId));
  assert.equal(ids.size, 3);
  const offsets = fake.calls
    .filter(({ method }) => method === "getUpdates")
    .map(({ fields }) => Number(fields.offset));
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
  );
});

test("a kept offset is of one bot and of these days", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received, kept } = fixture;
  kept.set("offset", JSON.stringify({ bot: 1, next: 900_000_000, at: Date.now() }));
  fake.say({ chat: 501, text: "of another bot" });
  await fixture.open();
  await nth(received, 1);
});

test("after a week of silence Telegram counts anew, and nothing is missed", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received, kept } = fixture;
  kept.set(
    "offset",
    JSON.stringify({ bot: fake.self.id, next: 900_000_000, at: Date.now() - 6 * 24 * 3_600_000 }),
  );
  fake.say({ chat: 501, text: "after all" });
  await fixture.open();
  await nth(received, 1);
  await until("the offset", () => JSON.parse(kept.get("offset")!).next < 900_000_000);
});

test("an album is one message with all its pictures and the text that stands under one of them", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  const picture = (n: number) => ({ photo: [{ file_id: `p${n}`, file_size: 5 }], media_group_id: "g" });
  fake.say({ chat: 501, more: picture(1) });
  fake.say({ chat: 501, more: { ...picture(2), caption: "look" } });
  await fixture.open();
  await until("the look for more", () => fake.polls() >= 2);
  fake.say({ chat: 501, text: "next" });
  await nth(received, 2);
  assert.deepEqual([received[0]!.text, received[0]!.attachments.length], ["look", 2]);
  assert.equal(received[1]!.text, "next");
});

test("files come in when they are asked for, within the cap", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  const data = Buffer.from("a picture, really");
  const file_id = fake.addFile(data, "photos/file 1.jpg");
  const large = fake.addFile(Buffer.alloc(2_000));
  await fixture.open();
  fake.say({ chat: 501, more: { photo: [{ file_id, file_size: data.length }] } });
  fake.say({ chat: 501, more: { document: { file_id: large, file_name: "x.bin" } } });
  await nth(received, 2);
  assert.ok(!fake.calls.some(({ method }) => method === "getFile"));
  const [photo] = received[0]!.attachments;
  assert.deepEqual(await photo!.download(1_000, never()), { data, mimeType: "image/jpeg" });
  await assert.rejects(received[1]!.attachments[0]!.download(1_000, never()), /x\.bin is larger than 0 MB/);
});

const FILES = [
  { kind: "image", name: "a.png", mimeType: "image/png", method: "sendPhoto" },
  { kind: "voice", name: "a.ogg", mimeType: "audio/ogg", method: "sendVoice" },
  { kind: "video", name: "a.mp4", mimeType: "video/mp4", method: "sendVideo" },
  { kind: "file", name: 'a "b"; c.pdf', mimeType: "application/pdf", method: "sendDocument" },
] as const;
test("files go out as what they are, with their text", async (t) => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  fake.chat(501);
  const connection = await fixture.open();
  const folder = mkdtempSync(join(tmpdir(), "telegram-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, Buffer.alloc(200_000, "x"));
  for (const { method, ...file } of FILES) {
    const message = outgoing("501", "<b>see</b>", { plain: "see", file: { ...file, path } });
    const id = idOf(await connection.send(message, never()));
    const arrived = fake.sent(501).find((one) => one.id === id)!;
    assert.deepEqual(
      [arrived.file!.method, arrived.text, arrived.file!.data.length],
      [method, "see", 200_000],
    );
  }
  const file = { ...FILES[3], path: join(folder, "gone") };
  const gone = await connection.send(outgoing("501", "", { file }), never());
  assert.deepEqual([gone.kind, gone.kind === "refused" && gone.reason], ["refused", "bad-content"]);
  writeFileSync(path, Buffer.alloc(30 * 1_024 * 1_024));
  const large = await connection.send(outgoing("501", "", { file: { ...file, path } }), never());
  assert.equal(large.kind === "refused" && large.reason, "too-large");
});

test("a text too long for a caption follows its file", async (t) => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  fake.chat(501);
  const connection = await fixture.open();
  const folder = mkdtempSync(join(tmpdir(), "telegram-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, "x");
  const text = "long ".repeat(400);
  using _fault = fake.inject({ fault: tooMany(1), method: "sendMessage", times: 1 });
  const message = outgoing("501", text, { file: { ...FILES[3], path } });
  assert.equal((await connection.send(message, never())).kind, "failed");
  assert.equal((await connection.send(message, never())).kind, "sent");
  assert.deepEqual(
    fake.sent(501).map(({ file }) => file !== undefined),
    [true, false],
  );
});

test("topics, silence, growing replies, reactions and typing", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  const group = -1_001_000_000_001;
  fake.chat(group, { is_forum: true });
  const connection = await fixture.open();
  const sent = await connection.send(outgoing(String(group), "a", { threadId: "7", silent: true }), never());
  const target = { chatId: String(group), messageId: String(idOf(sent)) };
  const message = fake.sent(group)[0]!;
  assert.equal(message.raw.message_thread_id, 7);
  assert.equal(fake.calls.at(-1)!.fields.disable_notification, true);
  assert.equal((await connection.edit!(target, { text: "<b>ab</b>", plain: "ab" }, never())).kind, "sent");
  assert.equal((await connection.edit!(target, { text: "ab", plain: "ab" }, never())).kind, "sent");
  assert.equal((await connection.edit!(target, { text: "<x>abc", plain: "abc" }, never())).kind, "sent");
  assert.equal(message.text, "abc");
  assert.equal((await connection.react!(target, "👍", never())).kind, "sent");
  assert.equal(message.reaction, "👍");
  await connection.react!(target, undefined, never());
  assert.equal(message.reaction, undefined);
  connection.typing!({ chatId: String(group), threadId: "7" });
  await until("typing", () => fake.calls.some(({ method }) => method === "sendChatAction"));
  const general = await connection.send(outgoing(String(group), "to general", { threadId: "1" }), never());
  assert.equal(fake.sent(group).find(({ id }) => id === idOf(general))!.raw.message_thread_id, undefined);
});

test("markup Telegram cannot read goes as plain text", async () => {
  await using fixture = await openTelegramFixture();
  fixture.fake.chat(501);
  const connection = await fixture.open();
  await connection.send(outgoing("501", "<b>half", { plain: "half" }), never());
  assert.equal(fixture.fake.sent(501)[0]!.text, "half");
});

test("a group that has become a supergroup is written to under its new id, from then on", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, kept } = fixture;
  const now = -1_009_000_000_001;
  fake.chat(now);
  fake.chat(-55, {
    refuses: new Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: now,
    }),
  });
  const connection = await fixture.open();
  for (const text of ["a", "b"])
    assert.equal((await connection.send(outgoing("-55", text), never())).kind, "sent");
  assert.equal(
    fake.calls.filter(({ method, fields }) => method === "sendMessage" && fields.chat_id === "-55").length,
    1,
  );
  assert.match(kept.get("moved-chats")!, /-1009000000001/);
});

const REFUSALS = [
  { fault: blocked, want: "refused forbidden", says: /Forbidden: bot was blocked by the user/ },
  { fault: unauthorized, want: "failed", says: /401: Unauthorized/ },
  { fault: tooMany(7), want: "failed", says: /429/ },
  { fault: { html: 502 }, want: "unknown", says: /HTTP 502, a page instead of an answer/ },
  { fault: "malformed", want: "unknown", says: /not JSON/ },
  { fault: "reset-before", want: "unknown", says: /127\.0\.0\.1:\d+/ },
  {
    fault: { refusal: { code: 400, description: "Bad Request: message is too long" } },
    want: "refused too-large",
    says: /too long/,
  },
  {
    fault: {
      refusal: { code: 400, description: "Bad Request: not enough rights to send text messages to the chat" },
    },
    want: "refused forbidden",
    says: /rights/,
  },
] as const;
test("[chan-forbidden] why a message did not go is said in Telegram's words, and only a clear answer is final", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  fake.chat(501);
  const connection = await fixture.open();
  for (const { fault, want, says } of REFUSALS) {
    using _fault = fake.inject({ fault, method: "sendMessage", times: 1 });
    const result = await connection.send(outgoing("501", "x"), never());
    assert.equal(result.kind === "refused" ? `refused ${result.reason}` : result.kind, want);
    assert.match(result.kind === "sent" ? "" : result.message, says);
    assert.ok(!JSON.stringify(result).includes(fake.token));
  }
  const nowhere = await connection.send(outgoing("999", "x"), never());
  assert.equal(nowhere.kind === "refused" && nowhere.reason, "no-such-chat");
  assert.equal(fake.sent(501).length, 0);
});

test("a server that is away did surely not take the message", async () => {
  await using fixture = await openTelegramFixture();
  fixture.fake.chat(501);
  const connection = await fixture.open();
  await fixture.fake.down();
  assert.equal((await connection.send(outgoing("501", "x"), never())).kind, "failed");
  assert.equal((await connection.closed).kind, "network");
});

const ENDINGS = [
  { fault: unauthorized, kind: "auth", says: /^401 Unauthorized/ },
  {
    fault: otherPoller,
    kind: "conflict",
    says: /409 .*another program polls with the same bot token; stop it/,
  },
  { fault: tooMany(3), kind: "rate-limit", says: /429/, retryAfterMs: 3_000 },
  { fault: { html: 502 }, kind: "platform", says: /HTTP 502/ },
  { fault: "malformed", kind: "protocol", says: /not JSON/ },
  { fault: "reset-before", kind: "network", says: /127\.0\.0\.1/ },
] as const;
for (const { fault, kind, says, ...more } of ENDINGS) {
  test(`[chan-401-403] a poll that ends with ${JSON.stringify(fault).slice(0, 40)} ends the connection as "${kind}"`, async () => {
    await using fixture = await openTelegramFixture();
    fixture.fake.inject({ fault, method: "getUpdates" });
    const connection = await fixture.open();
    const ending = await connection.closed;
    assert.equal(ending.kind, kind);
    assert.match(ending.message, says);
    assert.equal(ending.retryAfterMs, (more as { retryAfterMs?: number }).retryAfterMs);
    assert.equal(ending.fix !== undefined, kind === "auth" || kind === "conflict");
  });
}

test("a token that is refused at the start says so, without the token", async () => {
  await using fixture = await openTelegramFixture();
  fixture.fake.inject({ fault: unauthorized, method: "getMe" });
  const error = await fixture.open().then(unexpected, (thrown: unknown) => thrown);
  assert.ok(error instanceof ChannelFault);
  assert.equal(error.kind, "auth");
  assert.match(error.fix!, /^openclaw config set channels\.telegram\.botToken/);
  assert.ok(!`${error.message}${error.stack}`.includes(fixture.fake.token));
});

test("a webhook in the way of polling is removed, the updates are kept", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  await callBotApi(fake, "setWebhook", { url: "http://127.0.0.1:1/gone" });
  fake.say({ chat: 501, text: "waited" });
  await fixture.open();
  assert.equal((await nth(received, 1)).text, "waited");
});

test("commands are published once, and again when they are others", async () => {
  await using fixture = await openTelegramFixture();
  const published = () => fixture.fake.calls.filter(({ method }) => method === "setMyCommands");
  const first = await fixture.open();
  await until("the list", () => fixture.kept.has("commands"));
  await first[Symbol.asyncDispose]();
  await fixture.open();
  await fixture.open({ customCommands: [{ command: "/Lights", description: "Switch the lights" }] });
  await until("the other list", () => published().length === 2);
  const names = published()[1]!.fields.commands.map(({ command }: { command: string }) => command);
  assert.deepEqual([names[0], names.at(-1)], ["new", "lights"]);
});

test("a press on a button comes in and is answered", async () => {
  await using fixture = await openTelegramFixture();
  const { fake, received } = fixture;
  fake.chat(501);
  const connection = await fixture.open();
  const id = idOf(await connection.send(outgoing("501", "choose"), never()));
  fake.press(501, id, "yes");
  const press = await nth(received, 1);
  assert.deepEqual([press.viaButton, press.text], [true, "yes"]);
  await until("the answer", () => fake.calls.some(({ method }) => method === "answerCallbackQuery"));
});

test("[chan-silent] a server that never answers a poll is found out, and the words say what happened", async () => {
  const { faultOf } = await import("./refusals.ts");
  const { openBotApi } = await import("./api.ts");
  await using fixture = await openTelegramFixture();
  fixture.fake.inject({ fault: "hang", method: "getUpdates" });
  const { account } = fixture.input();
  const deadlines = { connectMs: 5_000, firstByteMs: 80, idleMs: 5_000, totalMs: 5_000 };
  using api = openBotApi({ apiRoot: fixture.fake.apiRoot, token: fixture.fake.token, deadlines });
  const error = await api.calls.getUpdates({}, never()).then(unexpected, (thrown: unknown) => thrown);
  const fault = faultOf(error, "getUpdates", account.settings as never);
  assert.equal(fault.kind, "timeout");
  assert.match(fault.message, /^polling stall: 127\.0\.0\.1:\d+ sent no answer within 80 ms$/);
});
