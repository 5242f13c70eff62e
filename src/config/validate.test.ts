import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath } from "./path.ts";
import { validateConfig } from "./validate.ts";

function problems(config: unknown): string[] {
  const result = validateConfig(config);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

/** Every key of behaviour.md section C that is not an older word, with values it has to take. */
const ACCEPTED: [string, unknown][] = [
  ["nothing", {}],
  [
    "the keys of the gateway",
    {
      gateway: {
        mode: "local",
        port: 18789,
        bind: "custom",
        customBindHost: "10.0.0.5",
        extraPorts: [3001],
        auth: {
          mode: "trusted-proxy",
          token: "t",
          password: { source: "env", provider: "default", id: "PASSWORD" },
          allowTailscale: true,
          rateLimit: { maxAttempts: 10, windowMs: 60_000, lockoutMs: 300_000, exemptLoopback: true },
          trustedProxy: {
            userHeader: "x-user",
            requiredHeaders: ["x-a"],
            allowUsers: ["ann"],
            allowLoopback: false,
          },
        },
        trustedProxies: ["127.0.0.1", "10.0.0.0/8"],
        remote: { url: "wss://h", token: "t", password: "p", sshTarget: "ann@h", tlsFingerprint: "AB:CD" },
        controlUi: {
          enabled: true,
          basePath: "/ui",
          root: "dist",
          allowedOrigins: ["https://a.example"],
          allowInsecureAuth: false,
          dangerouslyDisableDeviceAuth: false,
        },
        reload: { mode: "restart", debounceMs: 300 },
        http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: false } } },
        tls: { enabled: true, certPath: "/c", keyPath: "/k" },
        handshakeTimeoutMs: 5_000,
        nodes: { pairing: { autoApproveCidrs: ["10.0.0.0/8"] }, commands: { allow: ["x"], deny: [] } },
        tools: { allow: ["a"], deny: ["b"] },
      },
    },
  ],
  ["a port that came out of a variable", { gateway: { port: "3002" } }],
  ["each reload mode", { gateway: { reload: { mode: "hot" } } }],
  [
    "agents as a list",
    { agents: { list: [{ id: "main", default: true, model: "openai/x" }, { id: "b-2" }] } },
  ],
  ["agents as entries", { agents: { entries: { main: { model: { primary: "a/b", fallbacks: ["c/d"] } } } } }],
  [
    "what holds for all agents",
    {
      agents: {
        defaults: {
          workspace: "~/w",
          model: { primary: "a/b", fallbacks: [] },
          models: { "anthropic/claude": { alias: "c", params: { context1m: true } } },
          heartbeat: {
            every: "30m",
            activeHours: { start: "08:00", end: "22:00" },
            target: "last",
            accountId: "a",
            directPolicy: "block",
          },
          compaction: { mode: "safeguard" },
        },
      },
    },
  ],
  [
    "model providers",
    {
      models: {
        mode: "merge",
        providers: {
          "my.host": {
            baseUrl: "http://127.0.0.1:1234/v1",
            api: "openai-completions",
            apiKey: { source: "file", id: "/run/key" },
            headers: { "x-a": "1" },
            models: [
              {
                id: "m",
                name: "M",
                contextWindow: 8_192,
                maxTokens: 1_024,
                input: ["text", "image"],
                reasoning: false,
                cost: { input: 0, output: 0.5 },
                compat: { requiresStringContent: true, supportsTools: false, futureSwitch: 1 },
                params: { temperature: 0 },
              },
            ],
          },
        },
      },
    },
  ],
  [
    "channels of any name",
    {
      channels: {
        defaults: { groupPolicy: "open" },
        telegram: {
          enabled: true,
          botToken: "1:a",
          dmPolicy: "pairing",
          allowFrom: ["tg:1", 2],
          groupPolicy: "allowlist",
          groups: { "*": { requireMention: true } },
          mentionPatterns: ["@me"],
          heartbeatVisibility: { showOk: true },
          heartbeat: { showAlerts: false, useIndicator: true },
          apiRoot: "http://127.0.0.1:1",
          accounts: { work: { botToken: "2:b" } },
        },
      },
    },
  ],
  [
    "browser profiles with cosmetic keys",
    {
      browser: {
        enabled: true,
        executablePath: "/usr/bin/chromium",
        cdpUrl: "http://127.0.0.1:9222",
        attachOnly: true,
        profiles: { user: { driver: "existing-session", color: "#0af", cdpUrl: "wss://h/x" } },
      },
    },
  ],
  [
    "the rest",
    {
      $schema: "./schema.json",
      meta: { lastTouchedVersion: "2026.1.1", lastTouchedAt: "2026-01-01T00:00:00.000Z", more: 1 },
      env: { vars: { A: "1" }, shellEnv: { enabled: true } },
      cron: { enabled: false },
      hooks: {
        enabled: true,
        token: "t",
        path: "/hooks",
        allowRequestSessionKey: false,
        mappings: [{ match: {} }],
      },
      session: { scope: "global", dmScope: "main", reset: { mode: "daily", atHour: 4 }, mainKey: "main" },
      logging: { level: "debug", consoleStyle: "pretty", redactPatterns: ["x"] },
      plugins: { allow: ["browser"], entries: { a: { enabled: true, config: {} } } },
      tools: {
        profile: "coding",
        allow: ["read"],
        deny: ["exec"],
        exec: { timeoutSec: 60, host: "gateway" },
      },
    },
  ],
  ["sections this version does not use", { wizard: { lastRunAt: "x" }, bindings: [{ agentId: "a" }], ui: 1 }],
];
for (const [name, config] of ACCEPTED) {
  test(`accepts ${name}`, () => assert.deepEqual(problems(config), []));
}

const REFUSED: [unknown, string | RegExp][] = [
  [{ bogus: 1 }, '<root>: Unrecognized key: "bogus"'],
  [{ gatway: {} }, '<root>: Unrecognized key: "gatway" — did you mean "gateway"?'],
  [{ gateway: { prot: 1 } }, 'gateway: Unrecognized key: "prot" — did you mean "port"?'],
  [{ gateway: { auth: { tokn: "x" } } }, 'gateway.auth: Unrecognized key: "tokn" — did you mean "token"?'],
  [
    { models: { providers: { x: { baseURL: "u" } } } },
    'models.providers.x: Unrecognized key: "baseURL" — did you mean "baseUrl"?',
  ],
  [
    { agents: { list: [{ id: "a", wrkspace: "x" }] } },
    'agents.list[0]: Unrecognized key: "wrkspace" — did you mean "workspace"?',
  ],
  [
    { agents: { defaults: { model: { primry: "x" } } } },
    'agents.defaults.model: Unrecognized key: "primry" — did you mean "primary"?',
  ],
  [{ agents: { list: [{}] } }, 'agents.list[0]: Missing key: "id"'],
  [{ models: { providers: { x: { models: [{}] } } } }, 'models.providers.x.models[0]: Missing key: "id"'],
  [
    { gateway: { port: "abc" } },
    'gateway.port: Invalid type: expected a whole number from 1 to 65535, got "abc"',
  ],
  [
    { gateway: { port: 1.5 } },
    /^gateway\.port: Invalid \w+: expected a whole number from 1 to 65535, got 1\.5$/,
  ],
  [
    { gateway: { extraPorts: [0] } },
    "gateway.extraPorts[0]: Invalid value: expected a whole number from 1 to 65535, got 0",
  ],
  [
    { gateway: { extraPorts: Array(17).fill(1) } },
    "gateway.extraPorts: Invalid value: expected a list of at most 16 entries, got a list",
  ],
  [
    { gateway: { mode: "locl" } },
    'gateway.mode: Invalid value: expected one of "local", "remote" (did you mean "local"?), got "locl"',
  ],
  [{ gateway: [] }, "gateway: Invalid value: expected an object, got a list"],
  [{ gateway: null }, "gateway: Invalid value: expected an object, got null"],
  [{ agents: { entries: [{}] } }, "agents.entries: Invalid value: expected an object, got a list"],
  [{ agents: { list: {} } }, "agents.list: Invalid type: expected a list, got an object"],
  [{ agents: { list: [{ id: "../x" }] } }, /^agents\.list\[0\]\.id: Invalid value: expected an agent id/],
  [{ agents: { entries: { "a/b": {} } } }, /^agents\.entries: Invalid value: expected agent ids as keys/],
  [
    { agents: { list: [{ id: "a" }, { id: "A" }] } },
    'agents.list[1].id: Repeated agent id: "A" is already in agents.list',
  ],
  [
    { agents: { defaults: { heartbeat: { every: "soon" } } } },
    /heartbeat\.every: Invalid value: expected a duration/,
  ],
  [
    { agents: { defaults: { model: 7 } } },
    /^agents\.defaults\.model: Invalid type: expected a model such as .*, got 7$/,
  ],
  [{ browser: { cdpUrl: "http://h:99999" } }, /^browser\.cdpUrl: Invalid value: expected a URL/],
  [{ browser: { profiles: { x: { cdpUrl: "ftp://h" } } } }, /^browser\.profiles\.x\.cdpUrl: Invalid value/],
  [{ hooks: { token: { source: "env", id: "X" } } }, /^hooks\.token: Invalid type: expected text/],
  [
    { logging: { file: "x".repeat(5_000) } },
    /^logging\.file: Invalid value: expected text of at most 4096 characters, got "x{40}…"$/,
  ],
];
for (const [config, want] of REFUSED) {
  test(`refuses ${JSON.stringify(config).slice(0, 70)}`, () => {
    const [first, ...rest] = problems(config);
    if (typeof want === "string") assert.equal(first, want);
    else assert.match(first ?? "", want);
    assert.deepEqual(rest, []);
  });
}

test("everything that is wrong is said at once, also several unknown keys of one object", () => {
  assert.deepEqual(problems({ a: 1, b: 2, gateway: { c: 3, port: "x", auth: { mode: 1 } } }), [
    'gateway: Unrecognized key: "c"',
    '<root>: Unrecognized key: "a"',
    '<root>: Unrecognized key: "b"',
    'gateway.port: Invalid type: expected a whole number from 1 to 65535, got "x"',
    'gateway.auth.mode: Invalid value: expected one of "none", "token", "password", "trusted-proxy", got 1',
  ]);
});

test("a wrong secret is not repeated", () => {
  for (const config of [{ gateway: { auth: { token: 12_345_678 } } }, { hooks: { token: ["12345678"] } }]) {
    assert.doesNotMatch(problems(config).join(), /12345678/);
  }
});

test("names of Object.prototype are unknown keys like others", () => {
  assert.deepEqual(problems({ gateway: { toString: 1 } }), ['gateway: Unrecognized key: "toString"']);
});

test("[SCOPE-14] a group of tools nobody knows is an invalid config", () => {
  for (const group of ["group:unknown", "group:__proto__", "group:constructor", "group:"])
    for (const list of ["allow", "alsoAllow", "deny"])
      assert.match(
        problems({ agents: { list: [{ id: "a", tools: { [list]: ["read", group] } }] } }).join(),
        /^agents\.list\[0\]\.tools\.\w+\[1\]: .*expected a known group of tools.*got "group:/,
      );
  assert.match(problems({ tools: { deny: ["group:runtim"] } }).join(), /did you mean "group:runtime"\?/);
  assert.deepEqual(problems({ tools: { deny: ["group:web", "mcp:x", "*"] } }), []);
});
