import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../scripts/tree.ts";
import { configVersions } from "../../src/config/history.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { runs } from "../kit/long.ts";
import { makeState } from "../kit/state.ts";

/** Spread over the writers. */
const KILLS = runs(16, 1_000);
const MAX_DELAY_MS = 60;
/** More writes than one process gets done before it is killed. */
const SPACING = 211;
const FILLER = Array.from(
  { length: 400 },
  (_, i) => `    // line ${i} of what has to stay\n    k${i}: ${i},`,
);
const CONFIG = `{
  gateway: { mode: "local", port: 1 },
  hooks: { $include: "./hooks.json5" },
  ui: {
${FILLER.join("\n")}
  },
}
`;
const COMMENTS = Array.from({ length: 100 }, (_, i) => `  // line ${i} of what has to stay`);
const HOOKS = `// by hand\n{\n  maxBodyBytes: 1, // stays\n${COMMENTS.join("\n")}\n}\n`;

/** What is written again and again, each time with another number, until somebody ends it. */
const WRITERS = {
  "config set": 'main(["config", "set", "gateway.port", String(port(i))])',
  "config patch": 'main(["config", "patch", "{ gateway: { port: " + port(i) + ", bind: \'loopback\' } }"])',
  "config set into an included file": 'main(["config", "set", "hooks.maxBodyBytes", String(port(i))])',
  "config patch of two files":
    'main(["config", "patch", "{ gateway: { port: " + port(i) + " }, hooks: { maxBodyBytes: " + port(i) + " } }"])',
};

const endless = (write: string) => `
  import { main } from "./src/cli/main.ts";
  const port = (i) => 1_000 + (i % 60_000);
  for (let i = Number(process.argv[1]); ; i++) {
    const code = await ${write};
    if (code !== 0) process.exit(code);
  }
`;

/** The texts but for what the writers change. */
const complete = (text: string) =>
  text
    .replace(/port: \d+/, "port: 1")
    .replace(/, bind: "loopback"/, "")
    .replace(/maxBodyBytes: \d+/, "maxBodyBytes: 1")
    .replace(/ {2}meta: \{[\s\S]*?\},\n/, "");

for (const [at, [name, write]] of Object.entries(WRITERS).entries()) {
  const kills = Math.floor((KILLS + Object.keys(WRITERS).length - 1 - at) / Object.keys(WRITERS).length);
  test(`[CONF-03] [R03] kill -9 in the middle of ${name}, ${kills} times: every file is always one complete version`, async () => {
    using state = makeState(CONFIG);
    const included = join(state.dir, "hooks.json5");
    writeFileSync(included, HOOKS);
    const env = readEnv(state.env);
    const paths = resolvePaths(env);
    const seen = new Set<string>();

    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(
        process.execPath,
        ["--input-type=module-typescript", "-e", endless(write), String(kill * SPACING)],
        { cwd: ROOT, env: state.env, stdio: ["ignore", "pipe", "pipe"] },
      );
      const ended = once(child, "exit");
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      const wrote = await Promise.race([once(child.stdout, "data"), ended]);
      assert.equal(wrote.length, 1, stderr);
      await sleep(Math.random() * MAX_DELAY_MS);
      child.kill("SIGKILL");
      assert.deepEqual(await ended, [null, "SIGKILL"]);

      const texts = [readFileSync(state.configPath, "utf8"), readFileSync(included, "utf8")];
      assert.deepEqual(texts.map(complete), [CONFIG, HOOKS], `after kill ${kill}`);
      const { config } = await loadConfig({ paths, env });
      assert.equal(config.gateway?.mode, "local");
      const [newest] = configVersions(paths);
      assert.equal(complete(newest!.text), CONFIG);
      assert.equal(complete(newest!.files![0]!.text), HOOKS);
      seen.add(texts.join(""));
    }

    assert.equal(seen.size, kills);
    // What the killed ones have left behind is one draft of each file and one in the history at most.
    const drafts = (folder: string) => readdirSync(folder).filter((file) => file.endsWith(".draft")).length;
    assert.ok(drafts(state.dir) <= 2);
    assert.ok(drafts(join(paths.dataDir, "config-history")) <= 1);
  });
}
