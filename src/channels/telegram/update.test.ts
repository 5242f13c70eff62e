import assert from "node:assert/strict";
import { test } from "node:test";
import type { Update } from "grammy/types";
import { type Read, readUpdate, type Said } from "./update.ts";

const SELF = { id: 7, username: "claw_bot" };
const ANNA = { id: 501, is_bot: false, first_name: "Anna", last_name: "B", username: "anna" };
const DIRECT = { id: 501, type: "private", first_name: "Anna" };
const GROUP = { id: -1_001_234_567_890, type: "supergroup", title: "Team", is_forum: true };

// biome-ignore lint/suspicious/noExplicitAny: updates as they come over the wire
const read = (update: any): Read => readUpdate({ update_id: 1, ...update } as Update, SELF);
const message = (more: object) =>
  read({ message: { message_id: 11, date: 1_700_000_000, chat: GROUP, from: ANNA, ...more } });
const said = (more: object): Said => {
  const found = message(more);
  assert.equal(found.kind, "message");
  return (found as { said: Said }).said;
};

test("a direct message in our words", () => {
  assert.deepEqual(said({ chat: DIRECT, text: "hi" }), {
    messageId: "11",
    chat: { id: "501", kind: "direct" },
    sender: { id: "501", name: "Anna B", username: "anna", isBot: false },
    text: "hi",
    mentionsUs: false,
    sentAtMs: 1_700_000_000_000,
    files: [],
  });
});

test("a topic is a thread; a thread of replies is none", () => {
  assert.equal(said({ text: "x", message_thread_id: 5, is_topic_message: true }).chat.threadId, "5");
  assert.equal(said({ text: "x", message_thread_id: 5 }).chat.threadId, undefined);
});

const at = (text: string, word: string, more: object) => ({
  text,
  entities: [{ offset: text.indexOf(word), length: word.length, ...more }],
});
const MENTIONS: Record<string, readonly [object, boolean]> = {
  "our name, however it is written": [at("hi @Claw_Bot!", "@Claw_Bot", { type: "mention" }), true],
  "a name that begins like ours": [at("hi @claw_bot2", "@claw_bot2", { type: "mention" }), false],
  "our name as mere text": [{ text: "mail to x@claw_bot" }, false],
  "a mention without a name": [at("hi Claw", "Claw", { type: "text_mention", user: { id: 7 } }), true],
  "a mention of somebody else": [at("hi Claw", "Claw", { type: "text_mention", user: { id: 8 } }), false],
  "a reply to us": [
    { text: "yes", reply_to_message: { message_id: 3, from: { id: 7, first_name: "C" }, text: "?" } },
    true,
  ],
  "a reply to somebody": [
    { text: "yes", reply_to_message: { message_id: 3, from: { id: 8, first_name: "C" }, text: "?" } },
    false,
  ],
  "a topic that we opened": [
    {
      text: "yes",
      is_topic_message: true,
      message_thread_id: 3,
      reply_to_message: { message_id: 3, from: { id: 7, first_name: "C" }, forum_topic_created: {} },
    },
    false,
  ],
  "a command to us": [at("/new@claw_bot now", "/new@claw_bot", { type: "bot_command" }), true],
  "a caption that names us": [
    {
      caption: "@claw_bot look",
      caption_entities: [{ type: "mention", offset: 0, length: 9 }],
      photo: [{ file_id: "p" }],
    },
    true,
  ],
};
for (const [name, [more, want]] of Object.entries(MENTIONS)) {
  test(`${name} ${want ? "is a mention" : "is no mention"}`, () => assert.equal(said(more).mentionsUs, want));
}

test("a command loses the name behind it; one to another bot is not ours to answer", () => {
  assert.equal(said(at("/new@claw_bot now", "/new@claw_bot", { type: "bot_command" })).text, "/new now");
  assert.equal(message(at("/new@other_bot", "/new@other_bot", { type: "bot_command" })).kind, "ignored");
});

test("[CHAN-09] a forwarded command is no command, and says whose words it is", () => {
  const forwarded = said({
    text: "/config x",
    forward_origin: { type: "hidden_user", sender_user_name: "Eve" },
  });
  assert.equal(forwarded.text, "[forwarded from Eve]\n/config x");
});

test("[CHAN-02] people are told by numbers; who writes as a chat is that chat", () => {
  assert.equal(said({ text: "x", from: { ...ANNA, username: "501x" } }).sender.id, "501");
  const anonymous = { id: 1_087_968_824, is_bot: true, first_name: "Group" };
  assert.deepEqual(said({ text: "x", from: anonymous, sender_chat: GROUP }).sender, {
    id: String(GROUP.id),
    name: "Team",
    isBot: false,
  });
});

test("a quote, an address behind a word, a picture, a place", () => {
  assert.deepEqual(
    said({
      text: "this",
      reply_to_message: { message_id: 3, from: ANNA, text: "all of it" },
      quote: { text: "of it", position: 4 },
    }).replyTo,
    { messageId: "3", senderName: "Anna B", text: "of it" },
  );
  assert.equal(
    said(at("read this now", "this", { type: "text_link", url: "https://x.org" })).text,
    "read this (https://x.org) now",
  );
  const photo = [
    { file_id: "s", file_size: 10 },
    { file_id: "l", file_size: 90 },
  ];
  assert.deepEqual(said({ photo }).files, [
    { kind: "image", fileId: "l", bytes: 90, mimeType: "image/jpeg" },
  ]);
  assert.equal(said({ location: { latitude: 1.5, longitude: 2 } }).text, "[location: 1.5, 2]");
});

const NOT_ANSWERED: Record<string, object> = {
  "an edited message": { edited_message: { message_id: 1, date: 1, chat: DIRECT, from: ANNA, text: "x" } },
  "a reaction": { message_reaction: { chat: DIRECT, message_id: 1 } },
  "a post of a channel": {
    channel_post: { message_id: 1, date: 1, chat: { id: -5, type: "channel" }, text: "x" },
  },
  "somebody who joins": {
    message: { message_id: 1, date: 1, chat: GROUP, from: ANNA, new_chat_members: [ANNA] },
  },
  "a pinned message": { message: { message_id: 1, date: 1, chat: GROUP, from: ANNA, pinned_message: {} } },
};
for (const [name, update] of Object.entries(NOT_ANSWERED)) {
  test(`[CHAN-12] ${name} starts nothing`, () => assert.equal(read(update).kind, "ignored"));
}

test("[CHAN-04] a press on a button is a message of whoever pressed it", () => {
  const eve = { id: 666, is_bot: false, first_name: "Eve" };
  const press = {
    id: "q1",
    from: eve,
    data: "yes",
    message: { message_id: 9, date: 1, chat: GROUP, from: { id: 7 } },
  };
  const found = read({ callback_query: press });
  assert.ok(found.kind === "message");
  assert.equal(found.callbackId, "q1");
  assert.deepEqual(
    [found.said.sender.id, found.said.viaButton, found.said.text, found.said.messageId, found.said.chat.id],
    ["666", true, "yes", "button:q1", String(GROUP.id)],
  );
});

test("membership and a move to a supergroup are told apart", () => {
  const my_chat_member = { chat: GROUP, from: ANNA, new_chat_member: { status: "kicked" } };
  assert.match(
    (read({ my_chat_member }) as { text: string }).text,
    /Anna B \(501\) made the bot "kicked" in "Team"/,
  );
  assert.deepEqual(message({ chat: { ...GROUP, id: -55 }, migrate_to_chat_id: -100_055 }), {
    kind: "moved",
    from: "-55",
    to: "-100055",
  });
});
