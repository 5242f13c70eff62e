import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnv } from "../platform/env.ts";
import { resolvePaths } from "../platform/paths.ts";

/** A state folder of a test's own, gone with the `using` block, and what every write of its config needs. */
export function tempConfig(config?: unknown) {
  const home = mkdtempSync(join(tmpdir(), "openclaw-config-"));
  const dir = join(home, ".openclaw");
  const configPath = join(dir, "openclaw.json");
  const env = readEnv({ HOME: home, OPENCLAW_STATE_DIR: dir, OPENCLAW_IN_CONTAINER: "0" });
  let nowMs = Date.UTC(2026, 0, 5, 12);
  const write = (value: unknown) => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    writeFileSync(configPath, text, { mode: 0o600 });
  };
  if (config !== undefined) write(config);
  return {
    dir,
    configPath,
    write,
    input: {
      paths: resolvePaths(env),
      env,
      version: "2026.11.1",
      author: { kind: "cli" },
      command: "test",
      /** Stands still until a test moves it. */
      clock: {
        now: () => nowMs,
        advance(ms: number) {
          nowMs += ms;
        },
      },
    } as const,
    text: () => readFileSync(configPath, "utf8"),
    /** What lies beside the config, by the end of its name. */
    beside: (kind: string) => readdirSync(dir).filter((name) => name.startsWith(`openclaw.json.${kind}`)),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** A config such as a gateway leaves it, with comments, a secret and its stamp. */
export const WRITTEN = `{
  // this machine
  gateway: {
    mode: "local",
    port: 18800, // the usual one is taken
    auth: { mode: "token", token: "SEC-3f9a1c77d2" },
  },
  logging: { level: "info" },
  meta: { lastTouchedVersion: "2026.11.1", lastTouchedAt: "2026-01-01T00:00:00.000Z" },
}
`;
