import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Fault } from "../platform/fault.ts";
import { unsetInText } from "./edit.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { loadConfig } from "./load.ts";
import { parsePath } from "./path.ts";
import { tempConfig } from "./state.fixture.ts";
import { patchConfig, replaceConfig, updateConfig } from "./store.ts";

type Files = Record<string, string>;

/** A config folder with these files; `openclaw.json` is the main one. */
function withFiles({ "openclaw.json": main, ...rest }: Files) {
  const state = tempConfig(main);
  for (const [name, text] of Object.entries(rest)) {
    mkdirSync(dirname(join(state.dir, name)), { recursive: true });
    writeFileSync(join(state.dir, name), text, { mode: 0o644 });
  }
  const at = (name: string) => readFileSync(join(state.dir, name), "utf8");
  return {
    ...state,
    at,
    /** All files but for the stamp. */
    files: (): Files =>
      Object.fromEntries(
        ["openclaw.json", ...Object.keys(rest)].map((name) => [name, unsetInText(at(name), ["meta"])]),
      ),
    update: (edits: Record<string, unknown>) =>
      updateConfig({
        ...state.input,
        edits: Object.entries(edits).map(([path, value]) => edit(path, value)),
      }),
  };
}

const edit = (path: string, value: unknown): ConfigEdit => ({ path: parsePath(path), value });

const MAIN = `{
  // the gateway has a file of its own
  gateway: { $include: "./gateway.json5" },
  cron: { enabled: true }, // here
}
`;
const GATEWAY = `// by hand
{
  mode: 'local', // serves here
  port: 18800,
  auth: { token: 't' },
}
`;
const BESIDE = MAIN.replace('"./gateway.json5" }', '"./gateway.json5", port: 1, auth: { mode: "token" } }');

interface Case {
  name: string;
  files: Files;
  edits: Record<string, unknown>;
  /** What the files are afterwards; the others stay as they are. */
  after: Files;
}

const WRITES: Case[] = [
  {
    name: "a value that only the included file says",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.port": 18_900 },
    after: { "gateway.json5": GATEWAY.replace("18800", "18900") },
  },
  {
    name: "a new key of an included section",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.bind": "lan" },
    after: { "gateway.json5": GATEWAY.replace("'t' },\n", "'t' },\n  bind: 'lan',\n") },
  },
  {
    name: "a key taken away",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.port": undefined },
    after: { "gateway.json5": GATEWAY.replace("  port: 18800,\n", "") },
  },
  {
    name: "what the main file says itself, beside an include",
    files: { "openclaw.json": BESIDE, "gateway.json5": GATEWAY },
    edits: { "gateway.port": 2 },
    after: { "openclaw.json": BESIDE.replace("port: 1", "port: 2") },
  },
  {
    name: "each value of a half-and-half section in its file",
    files: { "openclaw.json": BESIDE, "gateway.json5": GATEWAY },
    edits: { "gateway.auth.mode": "none", "gateway.auth.token": "u", "cron.enabled": false },
    after: {
      "openclaw.json": BESIDE.replace('mode: "token"', 'mode: "none"').replace(
        "enabled: true",
        "enabled: false",
      ),
      "gateway.json5": GATEWAY.replace("'t'", "'u'"),
    },
  },
  {
    name: "a key that both have, from both, when it is to be gone",
    files: { "openclaw.json": BESIDE, "gateway.json5": GATEWAY },
    edits: { "gateway.port": undefined },
    after: {
      "openclaw.json": BESIDE.replace("port: 1, ", ""),
      "gateway.json5": GATEWAY.replace("  port: 18800,\n", ""),
    },
  },
  {
    name: "a whole section key by key",
    files: { "openclaw.json": BESIDE, "gateway.json5": GATEWAY },
    edits: { gateway: { mode: "local", port: 5, auth: { mode: "token", token: "u" } } },
    after: {
      "openclaw.json": BESIDE.replace("port: 1", "port: 5"),
      "gateway.json5": GATEWAY.replace("'t'", "'u'"),
    },
  },
  {
    name: "a file that is included by an included one",
    files: {
      "openclaw.json": MAIN,
      "gateway.json5": "{ $include: 'parts/auth.json5', mode: 'local' }",
      "parts/auth.json5": "{ auth: { token: 't' } /* deep */ }",
    },
    edits: { "gateway.auth.token": "u", "gateway.auth.mode": "token" },
    after: { "parts/auth.json5": "{ auth: { token: 'u', mode: 'token' } /* deep */ }" },
  },
  {
    name: "a list that is a file of its own",
    files: {
      "openclaw.json": "{ gateway: { mode: 'local', trustedProxies: { $include: 'proxies.json' } } }",
      "proxies.json": '["10.0.0.1"] // ours\n',
    },
    edits: { "gateway.trustedProxies[1]": "10.0.0.2" },
    after: { "proxies.json": '["10.0.0.1", "10.0.0.2"] // ours\n' },
  },
  {
    name: "another list in the place of one that is a file of its own",
    files: {
      "openclaw.json": "{ gateway: { mode: 'local', trustedProxies: { $include: 'proxies.json' } } }",
      "proxies.json": '["10.0.0.1"] // ours\n',
    },
    edits: { "gateway.trustedProxies": ["10.0.0.9"] },
    after: { "proxies.json": '["10.0.0.9"] // ours\n' },
  },
  {
    name: "an entry of a list that is a file of its own",
    files: {
      "openclaw.json":
        "{ gateway: { mode: 'local' }, agents: { list: [{ $include: 'a.json' }, { id: 'b' }] } }",
      "a.json": '{ "id": "a" }',
    },
    edits: { "agents.list[0].name": "A", "agents.list[1].name": "B" },
    after: {
      "openclaw.json":
        "{ gateway: { mode: 'local' }, agents: { list: [{ $include: 'a.json' }, { id: 'b', name: 'B' }] } }",
      "a.json": '{ "id": "a", "name": "A" }',
    },
  },
  {
    name: "the only file of a list",
    files: {
      "openclaw.json": MAIN.replace('"./gateway.json5"', '["./gateway.json5"]'),
      "gateway.json5": GATEWAY,
    },
    edits: { "gateway.port": 5 },
    after: { "gateway.json5": GATEWAY.replace("18800", "5") },
  },
  {
    name: "a new key beside a list of several files",
    files: {
      "openclaw.json": "{ gateway: { $include: ['a.json', 'b.json'], mode: 'local' } }",
      "a.json": '{ "port": 1 }',
      "b.json": '{ "port": 2 }',
    },
    edits: { "gateway.bind": "lan" },
    after: { "openclaw.json": "{ gateway: { $include: ['a.json', 'b.json'], mode: 'local', bind: 'lan' } }" },
  },
  {
    name: "a section that is in no file yet, beside an included one",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "logging.level": "warn" },
    after: {
      "openclaw.json": MAIN.replace("}, // here\n", '}, // here\n  logging: {\n    level: "warn"\n  },\n'),
    },
  },
  {
    name: "a section that leaves, and its file stays",
    files: {
      "openclaw.json": `{ gateway: { mode: "local" }, cron: { $include: "cron.json" } }`,
      "cron.json": "{}",
    },
    edits: { cron: undefined },
    after: { "openclaw.json": `{ gateway: { mode: "local" } }` },
  },
  {
    name: "which file is included",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY, "other.json5": "{ mode: 'local', port: 7 }" },
    edits: { "gateway.$include": "./other.json5", "gateway.port": 8 },
    after: {
      "openclaw.json": MAIN.replace("./gateway.json5", "./other.json5"),
      "other.json5": "{ mode: 'local', port: 8 }",
    },
  },
];

for (const { name, files, edits, after } of WRITES) {
  test(`an edit is written where the value lives: ${name}`, async () => {
    using state = withFiles(files);
    assert.equal((await state.update(edits)).kind, "written");
    assert.deepEqual(state.files(), { ...files, ...after });
    for (const changed of Object.keys(after)) {
      assert.equal(statSync(join(state.dir, changed)).mode & 0o777, 0o600);
    }
    // A start accepts the result, and it says what was wanted.
    const { config } = await loadConfig(state.input);
    assert.equal(config.gateway?.mode, "local");
  });
}

const JOINED = { "a.json": '{ "port": 1, "extraPorts": [1] }', "b.json": '{ "port": 2, "extraPorts": [2] }' };
const SEVERAL = "{ gateway: { $include: ['a.json', 'b.json'], mode: 'local' } }";

const REFUSED: { name: string; files: Files; edits: Record<string, unknown>; says: RegExp }[] = [
  {
    name: "a value of one of several files",
    files: { "openclaw.json": SEVERAL, ...JOINED },
    edits: { "gateway.port": 3 },
    says: /^Config write rejected: \S+openclaw\.json \(gateway\.port is in the included file \S+b\.json\)\.$/,
  },
  {
    name: "the object that several files make up",
    files: { "openclaw.json": SEVERAL, ...JOINED },
    edits: { gateway: { mode: "local" } },
    says: /\(gateway is in the included file/,
  },
  {
    name: "the loss of the object that several files make up",
    files: { "openclaw.json": SEVERAL, ...JOINED },
    edits: { gateway: undefined },
    says: /\(gateway is in the included file/,
  },
  {
    name: "a list that is joined from main file and included one",
    files: {
      "openclaw.json": "{ gateway: { $include: 'a.json', mode: 'local', extraPorts: [3] } }",
      ...JOINED,
    },
    edits: { "gateway.extraPorts": [4] },
    says: /\(gateway\.extraPorts is put together from \S+openclaw\.json and \S+a\.json\)/,
  },
  {
    name: "an entry of a joined list",
    files: {
      "openclaw.json": "{ gateway: { $include: 'a.json', mode: 'local', extraPorts: [3] } }",
      ...JOINED,
    },
    edits: { "gateway.extraPorts[1]": 4 },
    says: /extraPorts/,
  },
  {
    name: "a value of a file that counts at two places",
    files: {
      "openclaw.json":
        "{ gateway: { mode: 'local' }, agents: { entries: { a: { $include: 'one.json' }, b: { $include: 'one.json' } } } }",
      "one.json": '{ "name": "N" }',
    },
    edits: { "agents.entries.a.name": "A" },
    says: /\(agents\.entries\.a\.name is in the included file \S+one\.json, which counts at more than one place\)/,
  },
  {
    name: "the mode, wherever it is",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.mode": undefined },
    says: /\(gateway-mode-missing-vs-last-good\)\. Rejected payload saved to \S+, \S+gateway\.json5\.rejected\.\S+\.$/,
  },
  {
    name: "a value that is not valid",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.port": 99_999 },
    says: /^Config validation failed: gateway\.port: .*got 99999$/,
  },
  {
    name: "a key below a single value",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.port.x": 1 },
    says: /^Cannot set gateway\.port\.x: gateway\.port is a single value$/,
  },
  {
    name: "[CONF-08] a placeholder",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.auth.token": "***" },
    says: /\(redacted secret placeholder at gateway\.auth\.token\)/,
  },
  {
    name: "[CONF-01] a reserved key",
    files: { "openclaw.json": MAIN, "gateway.json5": GATEWAY },
    edits: { "gateway.auth": JSON.parse('{ "__proto__": { "polluted": 1 } }') },
    says: /gateway\.auth\.__proto__: Reserved key/,
  },
];

for (const { name, files, edits, says } of REFUSED) {
  test(`an edit of included files is refused, and every file stays: ${name}`, async () => {
    using state = withFiles(files);
    await assert.rejects(state.update({ ...edits, "cron.enabled": false }), (error: Fault) => {
      assert.ok(error instanceof Fault);
      assert.match(error.message, says);
      return true;
    });
    assert.deepEqual(state.files(), files);
  });
}

test("bytes that are no text are not lost with an edit of an included file", async () => {
  using state = withFiles({ "openclaw.json": MAIN, "gateway.json5": GATEWAY });
  const bytes = Buffer.from(GATEWAY.replace("by hand", "m\u00fcde"), "latin1");
  writeFileSync(join(state.dir, "gateway.json5"), bytes);
  await assert.rejects(state.update({ "gateway.port": 1 }), /gateway\.json5 \(it is not UTF-8\)/);
  assert.ok(readFileSync(join(state.dir, "gateway.json5")).equals(bytes));
});

test("[CONF-03] an included file that somebody changes meanwhile keeps that change", async () => {
  const gateway = GATEWAY.replace("'t'", "'${HOOK}'");
  using state = withFiles({ "openclaw.json": MAIN, "gateway.json5": gateway });
  let changes = 0;
  const env = {
    ...state.input.env,
    // Asked when the draft is checked: the last moment before the swap.
    get(name: string) {
      if (name === "HOOK" && changes++ === 0) {
        writeFileSync(join(state.dir, "gateway.json5"), gateway.replace("by hand", "theirs"));
      }
      return "secret";
    },
  };
  assert.equal(
    (await updateConfig({ ...state.input, env, edits: [edit("gateway.port", 7)] })).kind,
    "written",
  );
  assert.equal(state.at("gateway.json5"), gateway.replace("by hand", "theirs").replace("18800", "7"));
  assert.ok(changes > 1);
});

test("a link to an included file stays a link", async () => {
  using state = withFiles({ "openclaw.json": MAIN, "real.json5": GATEWAY });
  symlinkSync("real.json5", join(state.dir, "gateway.json5"));
  await state.update({ "gateway.port": 7 });
  assert.equal(state.at("real.json5"), GATEWAY.replace("18800", "7"));
});

test("a patch changes included files too, and keeps the secrets they have", async () => {
  using state = withFiles({ "openclaw.json": MAIN, "gateway.json5": GATEWAY });
  const patch = { gateway: { port: 7, auth: { token: "***" }, bind: null }, cron: { enabled: false } };
  const { included } = await patchConfig({ ...state.input, patch });
  assert.deepEqual(state.files(), {
    "openclaw.json": MAIN.replace("enabled: true", "enabled: false"),
    "gateway.json5": GATEWAY.replace("18800", "7"),
  });
  assert.deepEqual(
    included.map(({ real }) => real),
    [join(state.dir, "gateway.json5")],
  );
});

test("[config-reason-size-drop] a patch that takes most of an included file away is refused and saved", async () => {
  const large = GATEWAY.replace("auth:", `customBindHost: '${"x".repeat(250)}',\n  auth:`);
  using state = withFiles({ "openclaw.json": MAIN, "gateway.json5": large });
  const patch = { gateway: { customBindHost: null } };
  await assert.rejects(patchConfig({ ...state.input, patch }), (error: Fault) => {
    assert.match(
      error.message,
      /size-drop-vs-last-good:\d+->\d+\)\. Rejected payload saved to \S+gateway\.json5/,
    );
    return true;
  });
  assert.equal(state.at("gateway.json5"), large);
  assert.equal((await patchConfig({ ...state.input, patch, allow: ["size-drop"] })).kind, "written");
});

test("a dry run of an included file writes nothing and shows what it would", async () => {
  const files = { "openclaw.json": MAIN, "gateway.json5": GATEWAY };
  using state = withFiles(files);
  const edits = [edit("gateway.port", 7)];
  const { kind, included } = await updateConfig({ ...state.input, edits, dryRun: true });
  assert.deepEqual([kind, included[0]?.text], ["written", GATEWAY.replace("18800", "7")]);
  assert.deepEqual(state.files(), files);
});

test("a whole text leaves included files alone", async () => {
  using state = withFiles({ "openclaw.json": MAIN, "gateway.json5": GATEWAY });
  await replaceConfig({ ...state.input, text: MAIN.replace("enabled: true", "enabled: false") });
  assert.equal(state.at("gateway.json5"), GATEWAY);
});
