import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Fault, faultLines } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { configVersions } from "./history.ts";
import { lastGoodPath } from "./last-good.ts";
import { tempConfig, WRITTEN } from "./state.fixture.ts";
import { patchConfig, replaceConfig, updateConfig } from "./store.ts";
import type { ConfigWriteError } from "./write-error.ts";

type State = ReturnType<typeof tempConfig>;
const SAVED = String.raw`\. Rejected payload saved to \S+/openclaw\.json\.rejected\.2026-01-05T12-00-00-000Z\.$`;

const replace = (state: State, text: string, more = {}) => replaceConfig({ ...state.input, text, ...more });

test("a whole text is written as it is, comments and all, with a new stamp", async () => {
  using state = tempConfig(WRITTEN);
  const text = WRITTEN.replace("18800", "18801").replace("// this machine", "// that one");
  const { kind, loaded } = await replace(state, text);
  assert.equal(kind, "written");
  assert.equal(loaded.config.gateway?.port, 18_801);
  assert.equal(state.text(), text.replace("2026-01-01T00:00:00.000Z", "2026-01-05T12:00:00.000Z"));
  assert.equal((await replace(state, state.text())).kind, "unchanged");
});

test("a whole text can be the first one", async () => {
  using state = tempConfig();
  await replace(state, '{ gateway: { mode: "local" } }', { baseHash: "" });
  assert.match(state.text(), /^\{ gateway: \{ mode: "local" \}, meta: /);
});

test("a whole text takes the place of a broken one, which stays in the history", async () => {
  using state = tempConfig("{ gateway: {");
  await replace(state, WRITTEN);
  assert.deepEqual(
    configVersions(state.input.paths).map(({ author, text }) => [author.kind, text.length > 20]),
    [
      ["cli", true],
      ["hand", false],
    ],
  );
});

const LOSSES = [
  {
    name: "[CONF-03] [config-reason-missing-meta] nothing at all",
    text: "{}",
    reason: "missing-meta-vs-last-good",
  },
  {
    name: "[config-reason-missing-meta] a text without meta",
    text: WRITTEN.replace(/ {2}meta.*\n/, ""),
    reason: "missing-meta-vs-last-good",
  },
  {
    name: "[config-reason-mode-missing] a text without gateway.mode",
    text: WRITTEN.replace('mode: "local",', ""),
    reason: "gateway-mode-missing-vs-last-good",
  },
  {
    name: "[CONF-03] [config-reason-size-drop] half a text",
    text: '{ gateway: { mode: "local" }, meta: {} }',
    reason: `size-drop-vs-last-good:${WRITTEN.length}->40`,
  },
];
for (const { name, text, reason } of LOSSES) {
  for (const lastGoodOnly of [false, true]) {
    const where = lastGoodOnly ? "the last good version, the file being broken" : "the file";
    test(`[config-write-rejected] [config-file-rejected] ${name} is refused beside ${where}`, async () => {
      using state = tempConfig(lastGoodOnly ? "{ broken" : WRITTEN);
      if (lastGoodOnly) writeFileSync(lastGoodPath(state.configPath), WRITTEN);
      const before = state.text();
      await assert.rejects(replace(state, text), (error: ConfigWriteError) => {
        assert.match(
          error.message,
          new RegExp(String.raw`^Config write rejected: \S+/openclaw\.json \(${reason}\)${SAVED}`),
        );
        assert.deepEqual([error.kind, error.exitCode], ["rejected", 1]);
        assert.match(
          faultLines(error).at(-1)!,
          /fix: openclaw config (apply --force|set gateway\.mode local)/,
        );
        return true;
      });
      assert.equal(state.text(), before);
      const [saved] = state.beside("rejected");
      assert.equal(readFileSync(join(state.dir, saved!), "utf8"), text);
      assert.equal(statSync(join(state.dir, saved!)).mode & 0o777, 0o600);
      assert.deepEqual(configVersions(state.input.paths), []);
    });
  }
}

test("whoever says so may lose what the guards guard", async () => {
  using state = tempConfig(WRITTEN);
  await replace(state, "{}", { allow: ["missing-meta", "gateway-mode-missing", "size-drop"] });
  assert.deepEqual(Object.keys(JSON.parse(state.text())), ["meta"]);
});

test("a dry run refuses the same and writes nothing at all", async () => {
  using state = tempConfig(WRITTEN);
  await assert.rejects(replace(state, "{}", { dryRun: true }), /missing-meta-vs-last-good\)\.$/);
  const { kind, loaded } = await replace(state, WRITTEN.replace("18800", "1"), { dryRun: true });
  assert.deepEqual([kind, loaded.config.gateway?.port], ["written", 1]);
  assert.equal(state.text(), WRITTEN);
  assert.deepEqual(readdirSync(state.dir), ["openclaw.json"]);
});

test("[CONF-18] of refused texts the newest 32 are kept, 0600", async (t) => {
  using state = tempConfig(WRITTEN);
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  for (let i = 0; i < 40; i++) {
    await assert.rejects(replace(state, `{"x":${i}}`), Fault);
    if (i % 2 === 1) state.input.clock.advance(7);
  }
  const saved = state.beside("rejected");
  assert.equal(saved.length, 32);
  const texts = saved.sort().map((name) => JSON.parse(readFileSync(join(state.dir, name), "utf8")).x);
  assert.deepEqual(
    texts,
    Array.from({ length: 32 }, (_, i) => i + 8),
    "those of one moment keep their order",
  );
  for (const name of saved) assert.equal(statSync(join(state.dir, name)).mode & 0o777, 0o600);
});

const INVALID: [name: string, text: string, message: RegExp][] = [
  [
    "[config-syntaxerror] half a text",
    '{"gateway":{',
    /^Config validation failed: <root>: SyntaxError: .*\(line 1, column 13\)$/,
  ],
  ["no object", "[1]", /^Config validation failed: <root>: Invalid type: expected an object/],
  ["[CONF-01] a reserved key", '{"__proto__": {"polluted": 1}}', /Reserved key: "__proto__"/],
  [
    "an unknown key",
    WRITTEN.replace("port:", "prot:"),
    /^Config validation failed: gateway: Unrecognized key: "prot"/,
  ],
];
for (const [name, text, message] of INVALID) {
  test(`${name} is no config and changes nothing`, async () => {
    using state = tempConfig(WRITTEN);
    await assert.rejects(replace(state, text), (error: ConfigWriteError) => {
      assert.match(error.message, message);
      assert.equal(error.kind, "invalid");
      assert.equal(error.issues.length, 1);
      return true;
    });
    assert.equal(state.text(), WRITTEN);
    assert.deepEqual(state.beside("rejected"), []);
  });
}

test("[CONF-03] a write that is based on another text is refused, whatever kind it is", async () => {
  using state = tempConfig(WRITTEN);
  const stale = { ...state.input, baseHash: sha256Hex("{}") };
  const writes = [
    () => replaceConfig({ ...stale, text: WRITTEN.replace("18800", "1") }),
    () => patchConfig({ ...stale, patch: { cron: {} } }),
    () => updateConfig({ ...stale, edits: [{ path: ["cron"], value: {} }] }),
    () => updateConfig({ ...stale, baseHash: "", edits: [{ path: ["cron"], value: {} }] }),
  ];
  for (const write of writes) {
    await assert.rejects(write(), (error: ConfigWriteError) => {
      assert.equal(error.message, "config changed since last load; re-run config.get and retry");
      return error.kind === "stale";
    });
  }
  assert.equal(state.text(), WRITTEN);
  const { kind } = await patchConfig({ ...stale, baseHash: sha256Hex(WRITTEN), patch: { cron: {} } });
  assert.equal(kind, "written");
});

test("[CONF-03] of fifty writers with one base exactly one succeeds, the others are told", async () => {
  using state = tempConfig(WRITTEN);
  const baseHash = sha256Hex(WRITTEN);
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) =>
      replace(state, WRITTEN.replace("18800", String(20_000 + i)), { baseHash }),
    ),
  );
  const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason.kind] : []));
  assert.deepEqual(new Set(failed), new Set(["stale"]));
  assert.equal(failed.length, 49);
  assert.equal(configVersions(state.input.paths).length, 2);
});

test("[CONF-08] what was shown redacted can be written back: the secrets stay", async () => {
  using state = tempConfig(WRITTEN);
  for (const placeholder of ["__OPENCLAW_REDACTED__", "***", "[redacted]"]) {
    const shown = state
      .text()
      .replace("SEC-3f9a1c77d2", placeholder)
      .replace(/port: \d+/, "port: 18801");
    const { loaded } = await replace(state, shown);
    assert.equal(loaded.config.gateway?.auth?.token, "SEC-3f9a1c77d2");
    assert.match(state.text(), /\/\/ the usual one is taken/);
  }
  const { loaded } = await patchConfig({
    ...state.input,
    patch: { gateway: { auth: { token: "***" } }, cron: { enabled: true } },
  });
  assert.equal(loaded.config.gateway?.auth?.token, "SEC-3f9a1c77d2");
});

test("[CONF-08] while the file is broken the secrets of the last good version stay", async () => {
  using state = tempConfig("{ broken");
  writeFileSync(lastGoodPath(state.configPath), WRITTEN);
  const { loaded } = await replace(state, WRITTEN.replace("SEC-3f9a1c77d2", "__OPENCLAW_REDACTED__"));
  assert.equal(loaded.config.gateway?.auth?.token, "SEC-3f9a1c77d2");
});

const LOST = [
  ["where nothing is stored", { gateway: { auth: { password: "***" } } }, "gateway.auth.password"],
  ["where no secret belongs", { gateway: { customBindHost: "***" } }, "gateway.customBindHost"],
  ["in a new list", { gateway: { trustedProxies: ["[redacted]"] } }, "gateway.trustedProxies[0]"],
] as const;
for (const [where, patch, path] of LOST) {
  test(`[CONF-08] [config-write-rejected] a placeholder ${where} is refused`, async () => {
    using state = tempConfig(WRITTEN);
    await assert.rejects(patchConfig({ ...state.input, patch }), (error: Fault) =>
      error.message.endsWith(`(redacted secret placeholder at ${path}).`),
    );
    assert.equal(state.text(), WRITTEN);
  });
}

test("a patch changes what it names; comments and layout of all else stay", async () => {
  using state = tempConfig(WRITTEN);
  const patch = { gateway: { port: 1, auth: { mode: null } }, cron: { enabled: true, x: null } };
  await patchConfig({ ...state.input, patch: { ...patch, cron: { enabled: true } } });
  const [head] = state.text().split("  meta:");
  assert.equal(head, WRITTEN.split("  meta:")[0]!.replace("18800", "1").replace('mode: "token", ', ""));
  assert.match(state.text(), /cron: \{/);
});

test("bytes that are no text are not lost: edits are refused, a whole text leaves a copy", async () => {
  using state = tempConfig(WRITTEN);
  const bytes = Buffer.from(WRITTEN.replace("this machine", "m\u00fcde"), "latin1");
  writeFileSync(state.configPath, bytes);
  await assert.rejects(
    updateConfig({ ...state.input, edits: [{ path: ["cron"], value: {} }] }),
    /openclaw\.json \(it is not UTF-8\)/,
  );
  assert.ok(readFileSync(state.configPath).equals(bytes));
  await replace(state, WRITTEN);
  const [copy] = state.beside("bak");
  assert.ok(readFileSync(join(state.dir, copy!)).equals(bytes));
});

const LARGE = WRITTEN.replace("  logging", `  ui: { x: "${"x".repeat(400)}" },\n  logging`);
const PATCH_LOSSES = [
  {
    what: "[config-reason-mode-missing] gateway.mode",
    patch: { gateway: { mode: null } },
    reason: /\(gateway-mode-missing-vs-last-good\)/,
  },
  {
    what: "[config-reason-missing-meta] meta",
    patch: { meta: null },
    reason: /\(missing-meta-vs-last-good\)/,
  },
  {
    what: "[config-reason-size-drop] most of it",
    patch: { ui: null },
    reason: new RegExp(`\\(size-drop-vs-last-good:${LARGE.length}->${WRITTEN.length}\\)`),
  },
];
for (const { what, patch, reason } of PATCH_LOSSES) {
  test(`[config-write-rejected] [config-file-rejected] a patch that takes away ${what} is refused and saved`, async () => {
    using state = tempConfig(LARGE);
    await assert.rejects(patchConfig({ ...state.input, patch }), (error: Fault) => {
      assert.match(error.message, reason);
      assert.match(error.message, /Rejected payload saved to/);
      return true;
    });
    assert.equal(state.text(), LARGE);
    assert.equal(state.beside("rejected").length, 1);
  });
}

test("taking a large value away on purpose is no loss", async () => {
  using state = tempConfig(LARGE);
  await updateConfig({ ...state.input, edits: [{ path: ["ui"], value: undefined }] });
  assert.ok(state.text().length < LARGE.length / 2);
});

test("[config-newer-version-guard] a whole text neither replaces nor puts back what a newer program wrote", async () => {
  const newer = WRITTEN.replace("2026.11.1", "2099.1.1");
  using state = tempConfig(newer);
  await assert.rejects(replace(state, WRITTEN), /^Fault: Refusing to change the config because/);
  assert.equal(state.text(), newer);
});
