import assert from "node:assert/strict";
import { test } from "node:test";
import { callBotApi } from "../../../test/kit/telegram/call.ts";
import { openTelegramFixture } from "../../../test/kit/telegram/fixture.ts";
import { otherPoller, unauthorized } from "../../../test/kit/telegram/server.ts";
import channel from "./channel.ts";

const ask = (input: Awaited<ReturnType<typeof openTelegramFixture>>, section: Record<string, unknown> = {}) =>
  channel.probe(input.input(section).account, input.input(section));

test("[chan-probe-works] a bot that is well works, and its audit is ok", async () => {
  await using fixture = await openTelegramFixture();
  const { ok, summary, audit, self } = await ask(fixture);
  assert.deepEqual(
    [ok, summary, audit, self?.name],
    [true, "works", [{ ok: true, text: "audit ok" }], "@claw_bot"],
  );
});

test("a probe does not end the poll that is running", async () => {
  await using fixture = await openTelegramFixture();
  const connection = await fixture.open();
  await ask(fixture);
  const state = await Promise.race([connection.closed.then(() => "ended"), Promise.resolve("open")]);
  assert.equal(state, "open");
});

test("[chan-401-403] what Telegram refuses is said with its number and the way out, without the token", async () => {
  await using fixture = await openTelegramFixture();
  for (const [fault, says] of [
    [unauthorized, /^401 Unauthorized/],
    [{ refusal: { code: 403, description: "Forbidden: bot is deactivated" } }, /^403 Forbidden/],
    [otherPoller, /^409 .*another program polls/],
    [{ html: 502 }, /HTTP 502/],
    ["reset-before", /127\.0\.0\.1/],
  ] as const) {
    using _fault = fixture.fake.inject({ fault, method: "getMe", times: 1 });
    const result = await ask(fixture);
    assert.equal(result.ok, false);
    assert.match([result.summary, ...result.audit.map(({ text }) => text)].join("; "), says);
    assert.ok(!JSON.stringify(result).includes(fixture.fake.token));
  }
  const missing = await ask(fixture, { botToken: "***" });
  assert.equal(missing.summary, "not configured");
  assert.match(missing.audit[0]!.text, /^channels\.telegram\.botToken is a placeholder/);
});

test("another webhook is an audit finding with its address", async () => {
  await using fixture = await openTelegramFixture();
  await callBotApi(fixture.fake, "setWebhook", { url: "http://127.0.0.1:1/elsewhere" });
  const { ok, audit } = await ask(fixture);
  assert.equal(ok, true);
  assert.match(audit[0]!.text, /a webhook is set \(http:\/\/127\.0\.0\.1:1\/elsewhere\)/);
  assert.equal(audit[0]!.ok, false);
});

const PRIVACY = [
  { name: "no groups", groups: {}, reads: false, want: ["audit ok"] },
  {
    name: "mentions are enough",
    groups: { "*": {} },
    reads: false,
    want: ["audit ok", "privacy mode is on"],
  },
  {
    name: "it should hear all",
    groups: { "*": { requireMention: false } },
    reads: false,
    want: ["privacy mode is on"],
  },
  { name: "it hears all", groups: { "*": { requireMention: false } }, reads: true, want: ["audit ok"] },
];
for (const { name, groups, reads, want } of PRIVACY) {
  test(`privacy mode: ${name}`, async () => {
    await using fixture = await openTelegramFixture({ canReadAllGroupMessages: reads });
    const { audit } = await ask(fixture, { groups });
    assert.deepEqual(
      audit.map(({ text }) => text.split(":")[0]),
      want,
    );
    for (const { ok, fix } of audit) if (!ok) assert.match(fix!, /\/setprivacy/);
  });
}
