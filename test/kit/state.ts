import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A home of a test's own with a state folder in it; gone with the `using` block. */
export interface StateFolder extends Disposable {
  /** The state folder; it exists only once a config was written. */
  dir: string;
  configPath: string;
  write(config: unknown): void;
  /** What a process needs to use this folder and nothing of the machine's. */
  env: NodeJS.ProcessEnv;
  /** Put in front of every command: another user, another view of the machine. */
  through?: readonly string[];
}

export const TOKEN = "SEC-token-3f9a1c77d2";

export function localConfig(port: number, extra: Record<string, unknown> = {}): Record<string, unknown> {
  const { gateway, ...rest } = extra as { gateway?: Record<string, unknown> };
  return {
    gateway: { mode: "local", bind: "loopback", port, auth: { mode: "token", token: TOKEN }, ...gateway },
    ...rest,
  };
}

export function makeState(config?: unknown): StateFolder {
  const home = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  const dir = join(home, ".openclaw");
  const configPath = join(dir, "openclaw.json");
  const write = (value: unknown) => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(configPath, typeof value === "string" ? value : JSON.stringify(value, null, 2), {
      mode: 0o600,
    });
  };
  if (config !== undefined) write(config);
  return {
    dir,
    configPath,
    write,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      OPENCLAW_STATE_DIR: dir,
      OPENCLAW_IN_CONTAINER: "0",
      ...sharedCache(),
      NO_COLOR: "1",
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** One for all tests of a run: without it the first process of each home would compile the program anew. */
export function sharedCache(): NodeJS.ProcessEnv {
  const folder = process.env.OPENCLAW_TEST_CACHE;
  return folder === undefined ? {} : { XDG_CACHE_HOME: folder };
}
