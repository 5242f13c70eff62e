import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState } from "../kit/state.ts";
import { openFakeTelegram } from "../kit/telegram/server.ts";
import { until } from "../kit/until.ts";

const GROUP = -1_001_234_500_002;

test("[CHAN-10] [CHAN-15] SIGKILL with answers on their way: each message is answered once, in order, after the restart", async () => {
  await using fake = await openFakeTelegram();
  using state = makeState(
    localConfig(await freePort(), {
      agents: { defaults: { model: "demo/echo" } },
      channels: {
        telegram: {
          botToken: fake.token,
          apiRoot: fake.apiRoot,
          dmPolicy: "open",
          allowFrom: ["*"],
          groupPolicy: "open",
          groups: { "*": { requireMention: false } },
        },
      },
    }),
  );
  const chats = [601, 602, GROUP];
  const answers = (chat: number) => fake.sent(chat).map(({ text }) => /"([^"]*)"/.exec(text)?.[1] ?? text);
  {
    await using gateway = await spawnGateway(state);
    for (const chat of chats) fake.say({ chat, text: "first" });
    await until("the first answers", () => chats.every((chat) => fake.sent(chat).length === 1));
    // One answer arrives and nobody hears of it, the others do not get away at all.
    fake.inject({ fault: "hang-after", method: "sendMessage", times: 1 });
    const held = fake.inject({ fault: "hang", method: "sendMessage" });
    for (const chat of chats) fake.say({ chat, text: "second" });
    await until("an answer nobody heard of", () => chats.some((chat) => fake.sent(chat).length === 2));
    gateway.child.kill("SIGKILL");
    await gateway.ended;
    held[Symbol.dispose]();
  }
  // Said while nobody listens.
  for (const chat of chats) fake.say({ chat, text: "third" });
  await using again = await spawnGateway(state);
  await until("all answers", () => chats.every((chat) => fake.sent(chat).length >= 3));
  await until("all of it confirmed", () => fake.unconfirmed().length === 0);
  for (const chat of chats) assert.deepEqual(answers(chat), ["first", "second", "third"]);
  assert.ok(!again.stdout().includes(fake.token));
});
