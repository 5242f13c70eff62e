import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../scripts/tree.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { makeState } from "../kit/state.ts";

/** CONFIG_KILLS makes it a longer one. */
const KILLS = Number(process.env.CONFIG_KILLS ?? 30);
const MAX_DELAY_MS = 60;
const FILLER = Array.from(
  { length: 400 },
  (_, i) => `    // line ${i} of what has to stay\n    k${i}: ${i},`,
);
const CONFIG = `{\n  gateway: { mode: "local", port: 1 },\n  ui: {\n${FILLER.join("\n")}\n  },\n}\n`;

/** `config set` again and again, each time with another port, until somebody ends it. */
const ENDLESS = `
  import { main } from "./src/cli/main.ts";
  for (let port = Number(process.argv[1]); ; port++) {
    const code = await main(["config", "set", "gateway.port", String(port)]);
    if (code !== 0) process.exit(code);
  }
`;

test("[CONF-03] [R03] kill -9 in the middle of config set: the file is always one complete version", async () => {
  using state = makeState(CONFIG);
  const env = readEnv(state.env);
  const paths = resolvePaths(env);
  const complete = (text: string) => text.replace(/port: \d+/, "port: 1").replace(/,?\s*meta: [\s\S]*$/, "");
  const wanted = complete(CONFIG).replace(/,\n\}\n$/, "");
  const seen = new Set<number>();

  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(
      process.execPath,
      ["--input-type=module-typescript", "-e", ENDLESS, String(1_000 + kill * 1_000)],
      { cwd: ROOT, env: state.env, stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    await sleep(Math.random() * MAX_DELAY_MS);
    child.kill("SIGKILL");
    assert.deepEqual(await ended, [null, "SIGKILL"]);

    const text = readFileSync(state.configPath, "utf8");
    assert.equal(complete(text), wanted, `after kill ${kill}`);
    const { config } = await loadConfig({ paths, env });
    const port = config.gateway?.port;
    assert.ok(typeof port === "number" && port >= 1_000 + kill * 1_000 && port < 2_000 + kill * 1_000);
    seen.add(port);
  }

  assert.equal(seen.size, KILLS);
  // What the killed ones have left behind is one draft here and one in the history at most.
  const drafts = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".draft")).length;
  assert.ok(drafts(state.dir) <= 1);
  assert.ok(drafts(join(paths.dataDir, "config-history")) <= 1);
});
