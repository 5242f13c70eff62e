import assert from "node:assert/strict";
import { test } from "node:test";
import { idOf, never, nth, openTelegramFixture, outgoing } from "../../../test/kit/telegram/fixture.ts";
import type { Fault } from "../../../test/kit/telegram/server.ts";
import { until } from "../../../test/kit/until.ts";
import type { Connection } from "../channel.ts";
import type { OutgoingMessage, SendResult } from "../outgoing.ts";

const GROUP = -1_001_000_000_007;

test("[CHAN-15] a message that arrived, though its answer got lost, is found by its id and changes nothing", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  const connection = await fixture.open();
  for (const chat of [501, GROUP]) {
    fake.say({ chat, text: "question" });
    await until("the question", () => fixture.received.some((one) => one.chat.id === String(chat)));
    using _fault = fake.inject({ fault: "reset-after", method: "sendMessage", times: 1 });
    const message = outgoing(String(chat), "answer");
    assert.equal((await connection.send(message, never())).kind, "unknown");
    // Others write meanwhile; in direct chats their messages are counted along.
    for (const other of [502, 503]) fake.say({ chat: other, text: "hello" });
    fake.say({ chat, text: "well?" });
    const found = await connection.reconcile!(message, never());
    assert.deepEqual([found.kind, idOf(found as SendResult)], ["sent", fake.sent(chat)[0]!.id]);
    assert.equal(fake.sent(chat)[0]!.edits, 0);
  }
});

test("[CHAN-15] a message that did not arrive is told apart, also between earlier ones of ours", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  const connection = await fixture.open();
  fake.say({ chat: 501, text: "question" });
  await nth(fixture.received, 1);
  await connection.send(outgoing("501", "first"), never());
  using _fault = fake.inject({ fault: "reset-before", method: "sendMessage", times: 1 });
  const lost = outgoing("501", "second");
  assert.equal((await connection.send(lost, never())).kind, "unknown");
  assert.equal((await connection.reconcile!(lost, never())).kind, "not-sent");
  assert.equal((await connection.send(lost, never())).kind, "sent");
  assert.deepEqual(
    fake.sent(501).map(({ text }) => text),
    ["first", "second"],
  );
});

test("[CHAN-15] it is found as well by the next process, which knows only what was kept", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  fake.say({ chat: 501, text: "question" });
  const first = await fixture.open();
  await nth(fixture.received, 1);
  await first.send(outgoing("501", "known"), never());
  const message = outgoing("501", "answer");
  const fault = fake.inject({ fault: "hang-after", method: "sendMessage" });
  void first.send(message, AbortSignal.timeout(200));
  await until("the message", () => fake.sent(501).length === 2);
  fault[Symbol.dispose]();
  // Another chat goes on before the process dies.
  fake.chat(502);
  await first.send(outgoing("502", "elsewhere"), never());
  await first[Symbol.asyncDispose]();
  const next = await fixture.open();
  const found = await next.reconcile!(message, never());
  assert.equal(idOf(found as SendResult), fake.sent(501)[1]!.id);
});

test("[CHAN-15] without any earlier message of a chat it does not claim to know", async () => {
  await using fixture = await openTelegramFixture();
  fixture.fake.chat(501);
  const connection = await fixture.open();
  using _fault = fixture.fake.inject({ fault: "reset-after", method: "sendMessage", times: 1 });
  const message = outgoing("501", "out of the blue");
  assert.equal((await connection.send(message, never())).kind, "unknown");
  assert.equal((await connection.reconcile!(message, never())).kind, "unknown");
});

test("[CHAN-15] a search that fails finds nothing out, and is bounded", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  const connection = await fixture.open();
  fake.say({ chat: 501, text: "question" });
  await nth(fixture.received, 1);
  const message = outgoing("501", "answer");
  using _lost = fake.inject({ fault: "reset-before", method: "sendMessage", times: 1 });
  await connection.send(message, never());
  {
    using _fault = fake.inject({ fault: { html: 502 }, method: "editMessageReplyMarkup" });
    assert.equal((await connection.reconcile!(message, never())).kind, "unknown");
  }
  for (let n = 0; n < 200; n++) fake.chat(502) && fake.say({ chat: 502, text: "noise" });
  await nth(fixture.received, 201);
  const probes = () => fake.calls.filter(({ method }) => method === "editMessageReplyMarkup").length;
  const before = probes();
  assert.equal((await connection.reconcile!(message, never())).kind, "not-sent");
  assert.ok(probes() - before <= 60);
});

/** What an outbox does with one message, in small. */
async function delivered(connection: Connection, message: OutgoingMessage): Promise<SendResult> {
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 20, "it never arrived");
    const result = await connection.send(message, never());
    if (result.kind === "sent" || result.kind === "refused") return result;
    if (result.kind === "failed") continue;
    let found = await connection.reconcile!(message, never());
    while (found.kind === "unknown") found = await connection.reconcile!(message, never());
    if (found.kind === "sent" || found.kind === "refused") return found;
  }
}

test("[CHAN-15] over a platform that flaps no reply is lost and none doubled", async () => {
  await using fixture = await openTelegramFixture();
  const { fake } = fixture;
  const connection = await fixture.open();
  const chats = Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 600 + at : GROUP - at));
  for (const chat of chats) fake.say({ chat, text: "question" });
  await nth(fixture.received, chats.length);
  const faults: Fault[] = [
    "reset-before",
    "reset-after",
    { html: 502 },
    { html: 502, after: true },
    "malformed",
  ];
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  await Promise.all(
    chats.map(async (chat) => {
      for (let n = 0; n < 12; n++) {
        if (random() < 0.6)
          fake.inject({
            fault: faults[Math.floor(random() * faults.length)]!,
            method: /^(sendMessage|editMessage)/,
            times: 1,
          });
        await delivered(connection, outgoing(String(chat), `reply ${n}`));
        if (random() < 0.3) fake.say({ chat, text: "and?" });
      }
    }),
  );
  for (const chat of chats) {
    const texts = fake.sent(chat).map(({ text }) => text);
    assert.deepEqual(
      texts,
      Array.from({ length: 12 }, (_, n) => `reply ${n}`),
    );
  }
});
