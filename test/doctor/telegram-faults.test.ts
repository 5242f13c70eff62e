import { configWith, testConfigFault } from "../kit/config-fault.ts";

const TOKEN = "123456789:AAF-some_secret-of-a-bot";
const telegram = (section: Record<string, unknown>) => ({ channels: { telegram: section } });

testConfigFault({
  name: "a Telegram account without a token",
  inject: (state, port) => state.write(configWith(port, {}, telegram({ enabled: true }))),
  finds: "telegram-account",
  says: /channels\.telegram\.botToken is not set/,
  fix: /^openclaw config set channels\.telegram\.botToken/,
  repairs: false,
  harmless: true,
  start: "not-tried",
});

testConfigFault({
  name: "[CHAN-01] a webhook of Telegram without a secret",
  inject: (state, port) =>
    state.write(
      configWith(port, {}, telegram({ botToken: TOKEN, webhookUrl: "https://x.example.org/hook" })),
    ),
  finds: "telegram-account",
  says: /webhookSecret is not set, and webhookUrl needs it/,
  fix: /^openclaw config set channels\.telegram\.webhookSecret/,
  repairs: false,
  harmless: true,
  start: "not-tried",
});

testConfigFault({
  name: "[CHAN-02] names in the lists of Telegram senders",
  inject: (state, port) =>
    state.write(
      configWith(
        port,
        {},
        telegram({
          botToken: TOKEN,
          allowFrom: ["@bob", 555, "*"],
          groups: { "-5": { allowFrom: ["Eve"] } },
        }),
      ),
    ),
  finds: "telegram-sender-names",
  says: /channels\.telegram\.allowFrom has "@bob"/,
  fix: /^openclaw config set channels\.telegram\.allowFrom/,
  repairs: false,
  harmless: true,
  start: "not-tried",
});
