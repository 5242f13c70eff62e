import assert from "node:assert/strict";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { callBotApi } from "../../../test/kit/telegram/call.ts";
import { openTelegramFixture } from "../../../test/kit/telegram/fixture.ts";
import { tooMany, unauthorized } from "../../../test/kit/telegram/server.ts";
import { until } from "../../../test/kit/until.ts";
import { openOutlet } from "../outlet.ts";
import channel from "./channel.ts";

/** The account under its supervisor, by a clock that moves when the test says so. */
async function supervised(section: Record<string, unknown> = {}) {
  const fixture = await openTelegramFixture();
  const clock = handClock();
  const outlet = openOutlet({
    ...fixture.input(section),
    channel,
    clock,
    random: () => 0.5,
    onChange: () => {},
  });
  return {
    ...fixture,
    clock,
    outlet,
    state: (wanted: string) => until(`the state ${wanted}`, () => outlet.status().state === wanted),
    async [Symbol.asyncDispose]() {
      await outlet[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test("[chan-silent] [R17] a half-open connection and hours of silence are found out, and new sockets recover it", async () => {
  await using account = await supervised();
  const { fake, clock, outlet, state, received } = account;
  await state("live");
  await until("the long poll", fake.isPolled);
  fake.freezeConnections();
  const frozen = fake.inject({ fault: "hang" });
  fake.say({ chat: 501, text: "said meanwhile" });
  clock.advance(60_000);
  await state("degraded");
  assert.match(outlet.status().reason!, /polling stall: no update for \d+ s/);
  for (let hour = 0; hour < 8; hour++) clock.advance(3_600_000);
  frozen[Symbol.dispose]();
  await until("recovery", () => {
    clock.advance(60_000);
    return outlet.status().state === "live";
  });
  await until("the message", () => received.some(({ text }) => text === "said meanwhile"));
  assert.equal(received.length, 1);
});

test("[R18] [CHAN-16] a token refused for ten minutes is never given up, and works within a minute when it does again", async () => {
  await using account = await supervised();
  const { fake, clock, outlet, state } = account;
  await state("live");
  const spell = fake.inject({ fault: unauthorized });
  fake.dropConnections();
  await state("degraded");
  for (let second = 0; second < 600; second += 10) {
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(["degraded", "connecting", "live"].includes(outlet.status().state));
  }
  await until("the words of the platform", () => /401 Unauthorized/.test(outlet.status().reason ?? ""));
  spell[Symbol.dispose]();
  let waitedMs = 0;
  await until("recovery", () => {
    if (outlet.status().state === "live") return true;
    clock.advance(1_000);
    waitedMs += 1_000;
    return false;
  });
  assert.ok(waitedMs <= 60_000, `${waitedMs} ms`);
});

test("[R19] another poller is said with its remedy; 429 is waited out as long as it says", async () => {
  await using account = await supervised();
  const { fake, clock, outlet, state } = account;
  await state("live");
  await until("the long poll", fake.isPolled);
  await callBotApi(fake, "getUpdates", { timeout: 0 });
  await state("degraded");
  assert.match(outlet.status().reason!, /409 .*another program polls with the same bot token; stop it/);
  assert.match(outlet.status().fix!, /^openclaw config set channels\.telegram\.botToken/);
  const limit = fake.inject({ fault: tooMany(90) });
  await until("the limit", () => {
    clock.advance(10_000);
    return /429/.test(outlet.status().reason ?? "");
  });
  assert.ok(outlet.status().nextAttemptAt! - clock.now() >= 80_000);
  limit[Symbol.dispose]();
});

const WEBHOOK = { webhookUrl: "http://127.0.0.1:9/hook", webhookSecret: "a-secret-of-the-webhook" };

test("a webhook Telegram does not get through to, or that another program replaced, is said", async () => {
  await using account = await supervised(WEBHOOK);
  const { fake, clock, outlet, state } = account;
  await state("live");
  fake.say({ chat: 501, text: "knock" });
  await until("the words of Telegram", () => {
    clock.advance(20_000);
    return /does not get through to http:\/\/127\.0\.0\.1:9\/hook: .*; 1 updates wait/.test(
      outlet.status().reason ?? "",
    );
  });
  await callBotApi(fake, "deleteWebhook", { drop_pending_updates: true });
  await until("recovery", () => {
    clock.advance(10_000);
    return outlet.status().state === "live";
  });
  await callBotApi(fake, "setWebhook", { url: "http://127.0.0.1:9/other" });
  await until("the conflict", () => {
    clock.advance(20_000);
    return /another program has set another webhook for this bot \(http:\/\/127\.0\.0\.1:9\/other\)/.test(
      outlet.status().reason ?? "",
    );
  });
});
