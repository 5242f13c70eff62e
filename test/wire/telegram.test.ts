import assert from "node:assert/strict";
import { test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { type FakeTelegram, openFakeTelegram, unauthorized } from "../kit/telegram/server.ts";
import { until } from "../kit/until.ts";

const GROUP = -1_001_234_500_001;
const SECRET = "a-secret-of-the-webhook";

const config = ({ token, apiRoot }: FakeTelegram, section: Record<string, unknown> = {}) => ({
  agents: { defaults: { model: "demo/echo" } },
  channels: { telegram: { botToken: token, apiRoot, ...section } },
});

const texts = (fake: FakeTelegram, chat: number) => fake.sent(chat).map(({ text }) => text);
const logged = ({ console }: TestGateway, pattern: RegExp) =>
  until(`${pattern} in the log`, () => console.find((line) => pattern.test(line)));

test("[access-not-configured] [pair-telegram-code] [chan-mention-required] [chan-probe-works] from a stranger's first word to an answer in a group", async () => {
  await using fake = await openFakeTelegram();
  await using gateway = await openGateway({
    config: config(fake, { groups: { "*": { requireMention: true } }, groupAllowFrom: ["*"] }),
  });
  fake.say({ chat: 555, text: "hello" });
  await until("the reply to a stranger", () => fake.sent(555).length > 0);
  assert.match(texts(fake, 555)[0]!, /^OpenClaw: access not configured\.\n\nYour Telegram user id: 555\n/);
  const line = await logged(gateway, /Telegram pairing required — approve code [A-Z0-9]{6,8}/);
  const [, code] = /approve code ([A-Z0-9]{6,8})/.exec(line)!;
  assert.match(texts(fake, 555)[0]!, new RegExp(`openclaw pairing approve telegram ${code}$`));

  const desk = await gateway.running.services.channels.open();
  assert.equal(desk.senders.approve("telegram", code!).kind, "approved");
  fake.say({ chat: 555, text: "hello again" });
  await until("an answer", () => fake.sent(555).length > 1);

  fake.say({ chat: GROUP, from: { id: 555, is_bot: false, first_name: "P" }, text: "just talking" });
  await logged(gateway, /mention required/);
  fake.say({
    chat: GROUP,
    from: { id: 555, is_bot: false, first_name: "P" },
    text: "@claw_bot hello",
    more: { entities: [{ type: "mention", offset: 0, length: 9 }] },
  });
  await until("an answer in the group", () => fake.sent(GROUP).length > 0);
  assert.equal(fake.sent(GROUP).length, 1);

  const [probed] = await desk.probe({}, 10_000);
  const [row, result] = probed!;
  assert.deepEqual([row.state, result.ok, result.summary], ["live", true, "works"]);
  assert.equal(result.audit[0]!.text, "audit ok");
  assert.ok(!gateway.console.join("\n").includes(fake.token));
});

test("[CHAN-01] [CHAN-14] [DOS-14] the webhook takes what has the secret, and of the rest not a byte of the body", async () => {
  await using fake = await openFakeTelegram();
  await using gateway = await openGateway({
    config: config(fake, {
      dmPolicy: "open",
      allowFrom: ["*"],
      webhookUrl: "http://127.0.0.1:9/telegram-webhook",
      webhookSecret: SECRET,
    }),
  });
  const { port } = gateway;
  const desk = await gateway.running.services.channels.open();
  await until("the connection", () => desk.accounts()[0]!.state === "live");
  const update = (id: number, text: string) => ({
    update_id: id,
    message: {
      message_id: id,
      date: 1,
      chat: { id: 555, type: "private" },
      from: { id: 555, is_bot: false, first_name: "P" },
      text,
    },
  });
  fake.chat(555);
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    call({ port, path: "/telegram-webhook", body, headers });
  const withSecret = { "x-telegram-bot-api-secret-token": SECRET };

  const forged: Record<string, string>[] = [
    {},
    { "x-telegram-bot-api-secret-token": "wrong" },
    { "x-telegram-bot-api-secret-token": `${SECRET}x` },
  ];
  for (const headers of forged) assert.equal((await post(update(1, "forged"), headers)).status, 401);
  // From this machine, from the gateway's own client, or through a proxy: without the secret it is nobody.
  const viaProxy = { "x-forwarded-for": "127.0.0.1" };
  assert.equal((await post(update(1, "forged"), viaProxy)).status, 401);
  assert.equal(
    (await call({ port, path: "/telegram-webhook", token: gateway.token, body: update(1, "forged") })).status,
    401,
  );
  // Announced, never sent: it is refused all the same, so nobody waits for it.
  const large = await call({
    port,
    path: "/telegram-webhook",
    method: "POST",
    headers: { "content-length": "52428800" },
  });
  assert.equal(large.status, 401);

  assert.equal((await post(update(2, "real"), { ...withSecret, ...viaProxy })).status, 200);
  assert.equal((await post(update(2, "real"), withSecret)).status, 200);
  await until("the answer", () => fake.sent(555).length > 0);
  assert.equal((await post("{", withSecret)).status, 400);
  assert.equal((await post({ no: "update" }, withSecret)).status, 200);
  assert.equal((await call({ port, path: "/telegram-webhook" })).status, 405);
  assert.equal(fake.sent(555).length, 1);
});

test("[CHAN-16] [chan-401-403] a token refused for a while is said in words and works again by itself", async () => {
  await using fake = await openFakeTelegram();
  const spell = fake.inject({ fault: unauthorized });
  await using gateway = await openGateway({ config: config(fake, { dmPolicy: "open", allowFrom: ["*"] }) });
  await logged(gateway, /401 Unauthorized: Telegram does not accept the bot token/);
  const desk = await gateway.running.services.channels.open();
  const [row] = desk.accounts();
  assert.equal(row!.state, "degraded");
  assert.match(row!.reason!, /401 Unauthorized/);
  assert.match(row!.fix!, /^openclaw config set channels\.telegram\.botToken/);
  spell[Symbol.dispose]();
  await desk.start("telegram");
  fake.say({ chat: 555, text: "hello" });
  await until("the answer", () => fake.sent(555).length > 0);
});
