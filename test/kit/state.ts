import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A state folder of a test's own; gone with the `using` block. */
export interface StateFolder extends Disposable {
  dir: string;
  configPath: string;
  write(config: unknown): void;
  /** What a process needs to use this folder and nothing of the machine's. */
  env: NodeJS.ProcessEnv;
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
  const dir = mkdtempSync(join(tmpdir(), "openclaw-test-"));
  const configPath = join(dir, "openclaw.json");
  const write = (value: unknown) =>
    writeFileSync(configPath, typeof value === "string" ? value : JSON.stringify(value, null, 2), { mode: 0o600 });
  if (config !== undefined) write(config);
  return {
    dir,
    configPath,
    write,
    env: { PATH: process.env.PATH, HOME: dir, OPENCLAW_STATE_DIR: dir, OPENCLAW_IN_CONTAINER: "0", NO_COLOR: "1" },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
