import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordHandEdit } from "../../src/config/history.ts";
import { resetConfig } from "../../src/config/reset.ts";
import { patchConfig, replaceConfig, updateConfig } from "../../src/config/store.ts";
import { undoConfig } from "../../src/config/undo.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runs } from "../kit/long.ts";
import { makeState } from "../kit/state.ts";

const WRITES = runs(320, 1_000);
const MAIN = `{
  // stays
  gateway: { mode: "local", port: 1, auth: { mode: "token", token: "SEC-token-3f9a1c77d2" } },
  cron: { $include: "./cron.json5" },
  ui: { notes: "${"what somebody has written down ".repeat(20)}" },
  meta: { lastTouchedVersion: "2026.11.1" },
}
`;

test("[CONF-18] [CONF-05] after hundreds of writes of every kind the copies are few, and all of them private", async (t) => {
  using state = makeState(MAIN);
  const included = join(state.dir, "cron.json5");
  writeFileSync(included, "{ enabled: true }\n");
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const env = readEnv(state.env);
  let now = Date.UTC(2026, 0, 5, 12);
  const input = {
    paths: resolvePaths(env),
    env,
    version: "2026.11.1",
    author: { kind: "cli" },
    command: "test",
    clock: { now: () => now },
  } as const;

  const set = (path: string[], value: unknown) => updateConfig({ ...input, edits: [{ path, value }] });
  const refused = async (write: Promise<unknown>) => await assert.rejects(write, /Config write rejected/);
  const kinds: ((i: number) => Promise<unknown>)[] = [
    (i) => set(["gateway", "port"], i + 2),
    (i) => set(["cron", "maxConcurrentRuns"], (i % 200) + 1),
    (i) => patchConfig({ ...input, patch: { gateway: { port: i + 3 }, cron: { enabled: i % 2 === 0 } } }),
    () => refused(patchConfig({ ...input, patch: { ui: null } })),
    () => refused(replaceConfig({ ...input, text: "{}" })),
    async (i) => {
      writeFileSync(state.configPath, `{ broken ${i}`);
      await recordHandEdit(input.paths);
      await undoConfig(input);
    },
    async (i) => {
      // Bytes that are no text, which a whole text replaces.
      writeFileSync(state.configPath, Buffer.from(MAIN.replace("stays", `st\u00e4ys ${i}`), "latin1"));
      await replaceConfig({ ...input, text: MAIN.replace("port: 1", `port: ${i + 2}`) });
    },
    async () => {
      await resetConfig(input);
      await undoConfig(input);
    },
  ];
  for (let i = 0; i < WRITES; i++) {
    // Every fourth comes in the same millisecond as the one before.
    if (i % 4 !== 0) now += 1;
    await kinds[i % kinds.length]!(i);
  }

  const all = readdirSync(state.dir, { recursive: true, encoding: "utf8" });
  const counts = new Map<string, number>();
  for (const name of all) {
    const { mode } = statSync(join(state.dir, name));
    const isFolder = statSync(join(state.dir, name)).isDirectory();
    assert.equal((mode & 0o777).toString(8), isFolder ? "700" : "600", name);
    const kind = name.replace(/\d{4}-\d\d-\d\dT.*$/, "*").replace(/\d{6}\.json$/, "*");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries([...counts].sort()), {
    "cron.json5": 1,
    data: 1,
    "data/config-history": 1,
    "data/config-history/*": 20,
    "data/config.lock": 1,
    "openclaw.json": 1,
    "openclaw.json.bak.*": 32,
    "openclaw.json.rejected.*": 32,
  });
});
