import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePath } from "./path.ts";
import { isSecretPath, REDACTED, redactConfig, secretsIn, verbatimSecrets } from "./redact.ts";

const SECRET = [
  "gateway.auth.token",
  "gateway.auth.password",
  "gateway.remote.token",
  "models.providers.x.apiKey",
  "models.providers.x.headers.Authorization",
  'models.providers.x.headers["x-api-key"]',
  "channels.telegram.botToken",
  "channels.slack.appToken",
  "channels.telegram.webhookSecret",
  "channels.x.privateKey",
  "hooks.token",
  "cron.webhookToken",
  "env.vars.OPENAI_API_KEY",
];
const PUBLIC = [
  "gateway.auth.mode",
  "gateway.port",
  "models.providers.x.models[0].maxTokens",
  "models.providers.x.baseUrl",
  'models.providers.x.headers["x-team"]',
  "channels.telegram.tokenFile",
  "agents.list[0].id",
];
for (const path of SECRET) test(`${path} is a secret`, () => assert.ok(isSecretPath(parsePath(path))));
for (const path of PUBLIC) test(`${path} is no secret`, () => assert.ok(!isSecretPath(parsePath(path))));

const CONFIG = {
  gateway: { auth: { token: "S1", password: { source: "env", id: "PASSWORD" } }, port: 1 },
  models: {
    providers: {
      x: { apiKey: "S2", baseUrl: "https://ann:S3@h/v1", headers: { Authorization: "S4", "x-team": "t" } },
    },
  },
  channels: { a: { accounts: { b: { botToken: "S5", pin: 1 } }, token: ["S6", "S7"] } },
  hooks: { token: 12_345 },
};

test("[CONF-07] no secret is left in the copy, references to secrets and everything else are", () => {
  const before = structuredClone(CONFIG);
  const shown = redactConfig(CONFIG);
  assert.doesNotMatch(JSON.stringify(shown), /S\d|12345/);
  assert.deepEqual(shown.gateway, {
    auth: { token: REDACTED, password: { source: "env", id: "PASSWORD" } },
    port: 1,
  });
  assert.equal(shown.models.providers.x.baseUrl, `https://${REDACTED}@h/v1`);
  assert.equal(shown.models.providers.x.headers["x-team"], "t");
  assert.deepEqual(CONFIG, before);
});

test("[CONF-07] known secrets are hidden in other values and in keys; a weak one does not take settings away", () => {
  const config = { ui: { "my-SEC-3f9a1c77d2aa": "say SEC-3f9a1c77d2aa" }, gateway: { bind: "lan" } };
  const known = verbatimSecrets(["SEC-3f9a1c77d2aa", "gateway", "abc", "${NAME}"]);
  assert.deepEqual(known, ["SEC-3f9a1c77d2aa", "gateway"]);
  assert.deepEqual(redactConfig(config, known), {
    ui: { [`my-${REDACTED}`]: `say ${REDACTED}` },
    gateway: { bind: "lan" },
  });
});

test("lists the secrets a log has to keep out", () => {
  assert.deepEqual(secretsIn(CONFIG), ["S1", "S2", "S4", "S5", "S6", "S7", "12345"]);
});
