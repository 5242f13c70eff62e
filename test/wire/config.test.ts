import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

const ADMIN = ["operator.admin"];
const FILE = `// mine
{
  gateway: {
    mode: "local",
    bind: "loopback", // keep me
    port: 18789,
    auth: { mode: "token", token: "${TOKEN}" },
    reload: { debounceMs: 20 },
  },
  meta: { lastTouchedVersion: "2026.11.1" },
}
`;

const admin = ({ port }: TestGateway) => connectWire(port, { token: TOKEN, scopes: ADMIN });
const fileOf = ({ state }: TestGateway) => readFileSync(state.configPath, "utf8");

async function openWithFile(text = FILE) {
  const state = makeState(text);
  const gateway = await openGateway({ state });
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      state[Symbol.dispose]();
    },
  };
}

async function hashNow(client: WireClient): Promise<string> {
  return (await client.request("config.get", {})).payload.hash;
}

test("config.patch changes what it names, keeps comments, answers redacted and tells readers", async () => {
  await using gateway = await openWithFile();
  using client = await admin(gateway);
  using reader = await connectWire(gateway.port, { token: TOKEN, scopes: ["operator.read"] });
  using stranger = await connectWire(gateway.port, { token: TOKEN, scopes: [] });
  const baseHash = await hashNow(client);
  const { ok, payload, error } = await client.request("config.patch", {
    raw: "{ logging: { level: 'warn' } }",
    baseHash,
    note: "quieter",
  });
  assert.ok(ok, JSON.stringify(error));
  assert.equal(payload.ok, true);
  assert.equal(payload.path, gateway.state.configPath);
  assert.deepEqual(payload.changedPaths, ["logging.level"]);
  assert.equal(payload.config.gateway.auth.token, "__OPENCLAW_REDACTED__");
  assert.equal(payload.sentinel.payload.status, "ok");
  assert.deepEqual(payload.reload, {
    mode: "hybrid",
    hot: ["logging.level"],
    restart: [],
    ignored: payload.reload.ignored,
  });

  const { payload: event } = await reader.next((frame) => frame.event === "config.changed");
  assert.deepEqual(
    { path: event.path, hash: event.hash, ts: typeof event.ts },
    { path: gateway.state.configPath, hash: payload.hash, ts: "number" },
  );
  assert.notEqual(payload.hash, baseHash);
  assert.equal(await hashNow(client), payload.hash);
  assert.match(fileOf(gateway), /^\/\/ mine\n/);
  assert.match(fileOf(gateway), /bind: "loopback", \/\/ keep me\n/);
  assert.ok(!JSON.stringify([payload, event]).includes(TOKEN));
  assert.ok(!stranger.frames.some((frame) => frame.event === "config.changed"));
});

test("config.patch writes into an included file, and the reload takes it over", async () => {
  const section = /gateway: (\{[\s\S]*?\n {2}\}),/.exec(FILE)![1]!;
  using state = makeState(FILE.replace(section, '{ $include: "./gateway.json5" }'));
  const included = `${dirname(state.configPath)}/gateway.json5`;
  writeFileSync(included, section);
  await using gateway = await openGateway({ state });
  using client = await admin(gateway);
  const { ok, payload, error } = await client.request("config.patch", {
    raw: "{ gateway: { trustedProxies: ['127.0.0.1'] } }",
    baseHash: await hashNow(client),
  });
  assert.ok(ok, JSON.stringify(error));
  assert.deepEqual(payload.changedPaths, ["gateway.trustedProxies"]);
  assert.match(
    readFileSync(included, "utf8"),
    /bind: "loopback", \/\/ keep me\n[\s\S]*trustedProxies: \["127/,
  );
  assert.match(fileOf(gateway), /gateway: \{ \$include: "\.\/gateway\.json5" \}/);
  await until("it is in force", () => gateway.running.services.perimeter.trustedProxies.length === 1);
  assert.deepEqual((await client.request("config.get", {})).payload.includedPaths, [included]);
});

test("config.set and config.apply put a whole text in place of the file", async () => {
  await using gateway = await openWithFile();
  using client = await admin(gateway);
  for (const [method, level] of [
    ["config.set", "warn"],
    ["config.apply", "error"],
  ] as const) {
    const raw = FILE.replace("// mine", `// theirs ${level}`).replace(
      "reload:",
      `http: { endpoints: { responses: { enabled: false } } }, reload:`,
    );
    const { ok, payload, error } = await client.request(method, { raw, baseHash: await hashNow(client) });
    assert.ok(ok, JSON.stringify(error));
    assert.equal(payload.sentinel.payload.kind, method.replace(".", "-"));
    assert.match(fileOf(gateway), new RegExp(`^// theirs ${level}\n`));
  }
});

const REFUSALS = [
  {
    name: "no base hash",
    params: () => ({ raw: "{}" }),
    message: (file: string) =>
      `config base hash required for ${file}; re-run config.get and retry with baseHash`,
  },
  {
    name: "a base hash of yesterday",
    params: () => ({ raw: "{ logging: { level: 'warn' } }", baseHash: "0".repeat(64) }),
    message: () => "config changed since last load; re-run config.get and retry",
  },
  {
    name: "text that is no JSON5",
    params: (baseHash: string) => ({ raw: "{ logging: ", baseHash }),
    message: () => /^SyntaxError: JSON5: .+ at 1:\d+$/,
  },
  {
    name: "a value the schema does not know",
    params: (baseHash: string) => ({ raw: '{ gateway: { port: "abc" } }', baseHash }),
    message: () => /^invalid config: gateway\.port: .+/,
    issues: true,
  },
  {
    name: "[CONF-01] a key that reaches the prototype",
    params: (baseHash: string) => ({ raw: '{ "__proto__": { "a": 1 } }', baseHash }),
    message: () => /^invalid config: __proto__: Reserved key/,
    issues: true,
  },
  {
    name: "a list instead of an object",
    params: (baseHash: string) => ({ raw: "[]", baseHash }),
    message: () => /object/,
  },
  {
    name: "replacePaths with an object",
    params: (baseHash: string) => ({
      raw: "{ logging: { level: 'warn' } }",
      baseHash,
      replacePaths: ["logging"],
    }),
    message: () => /^invalid config\.patch params: at \/replacePaths: logging is an object/,
  },
  {
    name: "[config-write-rejected] [config-reason-mode-missing] the mode taken away",
    params: (baseHash: string) => ({ raw: "{ gateway: { mode: null } }", baseHash }),
    message: () => /^Config write rejected: .+ \(gateway-mode-missing-vs-last-good\)/,
  },
  {
    name: "[CONF-08] a placeholder where nothing is stored",
    params: (baseHash: string) => ({ raw: '{ hooks: { token: "__OPENCLAW_REDACTED__" } }', baseHash }),
    message: () => /^Config write rejected: .+ \(redacted secret placeholder at hooks\.token\)/,
  },
] as const;

for (const { name, params, message, ...rest } of REFUSALS) {
  test(`config.patch refuses, the file stays as it is: ${name}`, async () => {
    await using gateway = await openWithFile();
    using client = await admin(gateway);
    const answer = await client.request("config.patch", params(await hashNow(client)));
    assert.equal(answer.ok, false);
    assert.equal(answer.error.code, "INVALID_REQUEST");
    const expected = message(gateway.state.configPath);
    if (typeof expected === "string") assert.equal(answer.error.message, expected);
    else assert.match(answer.error.message, expected);
    if ("issues" in rest) {
      const [issue] = answer.error.details.issues;
      assert.deepEqual(Object.keys(issue), ["path", "message"]);
    }
    assert.equal(fileOf(gateway), FILE);
    assert.ok(!JSON.stringify(answer).includes(TOKEN));
  });
}

test("[config-write-rejected] [CONF-03] config.set of an empty object is refused and kept beside the file", async () => {
  await using gateway = await openWithFile();
  using client = await admin(gateway);
  const { error } = await client.request("config.set", { raw: "{}", baseHash: await hashNow(client) });
  assert.match(error.message, /^Config write rejected: /);
  assert.equal(fileOf(gateway), FILE);
  const names = readdirSync(dirname(gateway.state.configPath));
  assert.equal(names.filter((name) => name.startsWith("openclaw.json.rejected.")).length, 1);
});

const SECRETS = {
  provider: "SEC-provider-9917",
  header: "SEC-header-2210",
  url: "SEC-url-7781",
  comment: "SEC-comment-4412",
  bearer: "SEC-bearer-5513",
  old: "SEC-old-8814",
  quoted: 'SEC-it\'s-"3391"',
  variable: "SEC-variable-6612",
};

/** Secrets of every kind, where people put them: in values, URLs, other values, and in comments of every form. */
const FULL_OF_SECRETS = `// mine; token: ${TOKEN}
{
  /* The old one was
   * token: "${SECRETS.old}"
   * password=${SECRETS.comment}, and this line stays
   */
  gateway: {
    mode: 'local',
    bind: "loopback", // keep me
    port: 18789,
    auth: { mode: "token", token: '${TOKEN}' },
    reload: { debounceMs: 20 },
    remote: { url: "wss://ann:${SECRETS.url}@gateway.example/x", password: 'SEC-it\\'s-"3391"' },
  },
  models: {
    providers: {
      mine: {
        baseUrl: "http://127.0.0.1:1/v1", // curl -H "Authorization: Bearer ${SECRETS.bearer}"
        apiKey: "\\u0053EC-provider-9917",
        headers: { Authorization: "Bearer ${SECRETS.header}", "x-team": "blue" },
      },
      yours: { baseUrl: "http://127.0.0.1:1/v1", apiKey: "\${MY_KEY}" }, // not ${SECRETS.variable}
    },
  },
  cron: {},
  ui: { password: 0x1234567, note: "the token is ${TOKEN}, the key is \${MY_KEY}", '${SECRETS.provider}': [1, 2,], },

  meta: { lastTouchedVersion: "2026.11.1", lastTouchedAt: "2026-01-01T00:00:00.000Z" },
}
`;

async function openWithSecrets() {
  const state = makeState(FULL_OF_SECRETS);
  const gateway = await openGateway({ state, env: { MY_KEY: SECRETS.variable } });
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      state[Symbol.dispose]();
    },
  };
}

test("[CONF-07] [CONF-08] config.get shows the file's own text without any secret, and it can be written back", async () => {
  await using gateway = await openWithSecrets();
  using client = await admin(gateway);
  const { payload: shown } = await client.request("config.get", {});
  assert.equal(shown.valid, true, JSON.stringify(shown.issues));
  for (const secret of [...Object.values(SECRETS), TOKEN, "3391", "19088743", "0x1234567"]) {
    assert.ok(!JSON.stringify(shown).includes(JSON.stringify(secret).slice(1, -1)), secret);
  }
  const lines = shown.raw.split("\n");
  assert.equal(lines.length, FULL_OF_SECRETS.split("\n").length);
  assert.equal(lines[0], "// mine; token: __OPENCLAW_REDACTED__");
  assert.match(shown.raw, /bind: "loopback", \/\/ keep me\n/);
  assert.match(shown.raw, /token: '__OPENCLAW_REDACTED__'/);
  assert.match(shown.raw, /"wss:\/\/__OPENCLAW_REDACTED__@gateway\.example\/x"/);
  assert.match(shown.raw, /, and this line stays\n/);
  assert.match(shown.raw, /"x-team": "blue"/);

  for (const method of ["config.set", "config.apply"]) {
    const { ok, error } = await client.request(method, { raw: shown.raw, baseHash: shown.hash });
    assert.ok(ok, JSON.stringify(error));
    assert.equal(fileOf(gateway), FULL_OF_SECRETS, method);
  }
  using again = await admin(gateway);
  assert.ok((await again.request("health")).ok);
});

test("[CONF-08] an edit of what config.get shows changes what was edited; secrets and comments keep their bytes", async () => {
  await using gateway = await openWithSecrets();
  using client = await admin(gateway);
  const { payload: shown } = await client.request("config.get", {});
  const edit = (text: string) =>
    text
      .replace("port: 18789", "port: 18790")
      .replace("and this line stays", "and this line too")
      .replace('"x-team": "blue"', '"x-team": "green"')
      .replace("    reload: {", "    // new\n    reload: {");
  const { ok, error } = await client.request("config.set", { raw: edit(shown.raw), baseHash: shown.hash });
  assert.ok(ok, JSON.stringify(error));
  // The line of the comment that was edited is another one; what was hidden in it is not known to belong there.
  const kept = edit(FULL_OF_SECRETS).replace(`password=${SECRETS.comment}`, "password=__OPENCLAW_REDACTED__");
  assert.equal(
    fileOf(gateway).replace(/lastTouchedAt: "[^"]*"/, ""),
    kept.replace(/lastTouchedAt: "[^"]*"/, ""),
  );
});

test("[CONF-08] a placeholder that was not shown at its place is refused, in a key too", async () => {
  await using gateway = await openWithSecrets();
  using client = await admin(gateway);
  const { payload: shown } = await client.request("config.get", {});
  const writes = [
    shown.raw.replace("@gateway.example", "@evil.example"),
    shown.raw.replace('note: "the token is', 'note: "my token is'),
    shown.raw.replace(" ui: {", ' ui: { "x__OPENCLAW_REDACTED__": 1,'),
    shown.raw.replace("cron: {}", "hooks: { token: '__OPENCLAW_REDACTED__' }"),
  ];
  for (const raw of writes) {
    assert.notEqual(raw, shown.raw);
    const { ok, error } = await client.request("config.set", { raw, baseHash: shown.hash });
    assert.equal(ok, false);
    assert.match(error.message, /\(redacted secret placeholder at (gateway|ui|hooks)\b/);
  }
  assert.equal(fileOf(gateway), FULL_OF_SECRETS);
});

test("[AUTH-07] writing the config takes admin", async () => {
  await using gateway = await openWithFile();
  using client = await connectWire(gateway.port, { token: TOKEN });
  for (const method of ["config.set", "config.patch", "config.apply"]) {
    const { error } = await client.request(method, { raw: "{}" });
    assert.equal(error.message, "missing scope: operator.admin", method);
  }
});

test("[DOS-24] the 31st config.patch of a minute waits, config.apply and config.set have counts of their own", async () => {
  await using gateway = await openWithFile();
  using client = await admin(gateway);
  for (let count = 0; count < 30; count++) await client.request("config.patch", { raw: "{}" });
  const { error } = await client.request("config.patch", { raw: "{}" });
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /^rate limit exceeded for config\.patch; retry after \d+s$/);
  assert.deepEqual(error.details, { method: "config.patch", limit: "30 per 60s" });
  assert.ok(error.retryAfterMs > 0 && error.retryAfterMs <= 60_000);
  for (const method of ["config.apply", "config.set"]) {
    const answer = await client.request(method, { raw: "{}" });
    assert.match(answer.error.message, /^config base hash required/, method);
  }
});

test("config.schema.lookup shows one level at a time", async () => {
  await using gateway = await openWithFile();
  using client = await connectWire(gateway.port, { token: TOKEN });
  const lookup = async (path: string) => client.request("config.schema.lookup", { path });

  const { payload: auth } = await lookup("gateway.auth");
  assert.equal(auth.path, "gateway.auth");
  assert.equal(auth.reloadKind, "hot");
  assert.equal("properties" in auth.schema, false);
  const token = auth.children.find(({ key }: { key: string }) => key === "token");
  assert.deepEqual(token.hint, { sensitive: true });
  assert.equal(token.path, "gateway.auth.token");

  const { payload: port } = await lookup("gateway.port");
  assert.equal(port.reloadKind, "restart");
  assert.deepEqual(port.children, []);
  const { payload: provider } = await lookup("models.providers.mine");
  assert.ok(provider.children.some(({ key }: { key: string }) => key === "baseUrl"));
  const { payload: list } = await lookup("agents.list");
  assert.deepEqual(
    list.children.map(({ key, hasChildren }: { key: string; hasChildren: boolean }) => [key, hasChildren]),
    [["*", true]],
  );
  for (const path of ["gateway.nope", "__proto__", "constructor", "..", "gateway.port.deeper"]) {
    const { error } = await lookup(path);
    assert.equal(error.message, "config schema path not found", path);
  }
});
