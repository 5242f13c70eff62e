import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settingsOf, telegramAccounts } from "./accounts.ts";

const TOKEN = "123456789:AAF-some_secret-of-a-bot";
const OTHER = "987654321:BBF-some_secret-of-a-bot";
const SECRET = "0123456789abcdef0123";

const one = (section: Record<string, unknown>, env: Record<string, string> = {}) =>
  telegramAccounts(section, env)[0];

test("the section is the default account, others inherit what they do not say", () => {
  const [main, work] = telegramAccounts(
    {
      botToken: TOKEN,
      apiRoot: "http://127.0.0.1:1/",
      mediaMaxMb: 1,
      accounts: { work: { botToken: OTHER, name: "Work" } },
    },
    {},
  );
  assert.deepEqual([main!.accountId, main!.enabled, main!.missing], ["default", true, undefined]);
  assert.deepEqual([work!.accountId, work!.name], ["work", "Work"]);
  assert.equal(settingsOf(work!).apiRoot, "http://127.0.0.1:1");
  assert.equal(settingsOf(work!).mediaMaxBytes, 1_048_576);
  assert.deepEqual(work!.secrets, [OTHER]);
});

test("a token is not inherited: two accounts with one would end each other's polls", () => {
  const work = telegramAccounts({ botToken: TOKEN, accounts: { work: {} } }, {})[1];
  assert.match(work!.missing!.what, /channels\.telegram\.accounts\.work\.botToken is not set/);
});

test("the token of the default account may be in a file or in the environment", (t) => {
  assert.equal(settingsOf(one({ enabled: true }, { TELEGRAM_BOT_TOKEN: TOKEN })!).token, TOKEN);
  const folder = mkdtempSync(join(tmpdir(), "telegram-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, "token");
  assert.match(one({ tokenFile })!.missing!.what, /cannot be read \(ENOENT\)/);
  writeFileSync(tokenFile, `${TOKEN}\n`);
  assert.equal(settingsOf(one({ tokenFile }, { TELEGRAM_BOT_TOKEN: OTHER })!).token, TOKEN);
  const work = telegramAccounts({ accounts: { work: {} } }, { TELEGRAM_BOT_TOKEN: TOKEN });
  assert.ok(work.find(({ accountId }) => accountId === "work")!.missing);
});

const MISSING: Record<string, readonly [Record<string, unknown>, RegExp]> = {
  "no token": [{ enabled: true }, /botToken is not set/],
  "a placeholder": [{ botToken: "***" }, /botToken is a placeholder/],
  "no token at all": [{ botToken: "hello" }, /is no bot token/],
  "[CHAN-01] a webhook without a secret": [
    { botToken: TOKEN, webhookUrl: "https://x.org/hook" },
    /webhookSecret is not set, and webhookUrl needs it/,
  ],
  "[CHAN-01] a placeholder as the secret": [
    { botToken: TOKEN, webhookUrl: "https://x.org/hook", webhookSecret: "***" },
    /webhookSecret is not set/,
  ],
  "[CHAN-01] a secret that can be guessed": [
    { botToken: TOKEN, webhookUrl: "https://x.org/hook", webhookSecret: "short" },
    /webhookSecret has to be 16 to 256/,
  ],
  "a webhook that is no address": [
    { botToken: TOKEN, webhookUrl: "x.org", webhookSecret: SECRET },
    /webhookUrl is no https address/,
  ],
  "a proxy it would go past": [{ botToken: TOKEN, proxy: "socks5://x:1" }, /connects without a proxy/],
};
for (const [name, [section, what]] of Object.entries(MISSING)) {
  test(`${name} keeps it from starting and says what to do`, () => {
    const account = one(section)!;
    assert.match(account.missing!.what, what);
    assert.match(account.missing!.fix, /^openclaw config (set|unset) channels\.telegram\./);
    assert.ok(!account.secrets.includes("***"));
  });
}

test("only what the connection depends on makes it another one, and no secret is in the mark", () => {
  const mark = (section: Record<string, unknown>) => one({ botToken: TOKEN, ...section })!.fingerprint;
  assert.equal(mark({ dmPolicy: "open", allowFrom: [1], groups: { "*": {} } }), mark({}));
  assert.notEqual(mark({ apiRoot: "http://127.0.0.1:1" }), mark({}));
  assert.notEqual(mark({ botToken: OTHER }), mark({}));
  assert.ok(!mark({}).includes("secret"));
});

test("an empty section is no account", () => assert.deepEqual(telegramAccounts({}, {}), []));
