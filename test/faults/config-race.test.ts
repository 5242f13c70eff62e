import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tree.ts";
import { runs } from "../kit/long.ts";
import { makeState, type StateFolder } from "../kit/state.ts";

/** Of each process. */
const WRITES = runs(40, 500);
const CONFIG = `{
  // stays
  gateway: { mode: "local" },
  ui: {},
}
`;

/** A process that writes as fast as it can; `attempt` is the body of one write, `i` its number. */
async function racer(state: Pick<StateFolder, "env">, name: string, attempt: string): Promise<void> {
  const code = `
    import { readConfigFile } from "./src/config/read-file.ts";
    import { replaceConfig, updateConfig } from "./src/config/store.ts";
    import { readEnv } from "./src/platform/env.ts";
    import { sha256Hex } from "./src/platform/files.ts";
    import { resolvePaths } from "./src/platform/paths.ts";
    const env = readEnv();
    const paths = resolvePaths(env);
    const input = { paths, env, version: "2026.11.1", author: { kind: "cli" }, command: "race" };
    const name = ${JSON.stringify(name)};
    for (let i = 0; i < ${WRITES}; i++) { ${attempt} }
  `;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    cwd: ROOT,
    env: state.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(child, "close");
  assert.equal(exitCode, 0, stderr);
}

const BY_EDIT = "await updateConfig({ ...input, edits: [{ path: ['ui', name + i], value: i }] });";

/** What an editor over the wire does: read, change the text, write on that base, read again when it was too late. */
const BY_TEXT = `
  for (;;) {
    const raw = readConfigFile(paths.configPath);
    const text = raw.replace("ui: {", "ui: { " + name + i + ": " + i + ",");
    try {
      await replaceConfig({ ...input, text, baseHash: sha256Hex(raw), allow: ["missing-meta"] });
      break;
    } catch (error) {
      if (error.kind !== "stale") throw error;
    }
  }`;

/** All the entries that every racer has written and that are not there. */
function missing(text: string, attempts: readonly string[]): string[] {
  return attempts.flatMap((_, at) =>
    Array.from({ length: WRITES }, (_, i) => `w${at}_${i}: ${i}`).filter((entry) => !text.includes(entry)),
  );
}

const RACES = [
  { name: "edits", attempts: [BY_EDIT, BY_EDIT] },
  { name: "an edit and whole texts", attempts: [BY_EDIT, BY_TEXT] },
];
for (const { name, attempts } of RACES) {
  test(`[CONF-03] of two processes that write ${name} as fast as they can none loses an update`, async () => {
    using state = makeState(CONFIG);
    await Promise.all(attempts.map((attempt, at) => racer(state, `w${at}_`, attempt)));
    const text = readFileSync(state.configPath, "utf8");
    assert.deepEqual(missing(text, attempts), []);
    assert.match(text, /^\{\n {2}\/\/ stays\n/);
    assert.deepEqual(readdirSync(state.dir).sort(), ["data", "openclaw.json"]);
    assert.equal(readdirSync(join(state.dir, "data", "config-history")).length, 20);
  });
}

test("[CONF-03] of two processes that write into one included file none loses an update", async () => {
  using state = makeState(CONFIG.replace("ui: {}", 'ui: { $include: "./ui.json5" }'));
  const included = join(state.dir, "ui.json5");
  writeFileSync(included, "{\n  // stays too\n  first: 1,\n}\n");
  await Promise.all([BY_EDIT, BY_EDIT].map((attempt, at) => racer(state, `w${at}_`, attempt)));
  const text = readFileSync(included, "utf8");
  assert.deepEqual(missing(text, [BY_EDIT, BY_EDIT]), []);
  assert.match(text, /^\{\n {2}\/\/ stays too\n/);
  assert.match(readFileSync(state.configPath, "utf8"), /\{ \$include: "\.\/ui\.json5" \}/);
});

/** Where the one config is that two state folders use. */
const SHARED = [
  { where: "outside of both", inFirst: false },
  { where: "in one of them", inFirst: true },
];
for (const { where, inFirst } of SHARED) {
  test(`[CONF-03] two state folders that share one config, ${where}, lose no update`, async () => {
    using first = makeState(CONFIG);
    using second = makeState(CONFIG);
    using third = makeState(CONFIG);
    const { configPath } = inFirst ? first : third;
    const states = [first, second].map(({ env }) => ({ env: { ...env, OPENCLAW_CONFIG_PATH: configPath } }));
    await Promise.all(states.map((state, at) => racer(state, `w${at}_`, BY_EDIT)));
    assert.deepEqual(missing(readFileSync(configPath, "utf8"), [BY_EDIT, BY_EDIT]), []);
  });
}
