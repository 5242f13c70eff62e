import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { bootsOf, endBackgroundGateway } from "./background.ts";
import { freePort } from "./port.ts";
import { type Ended, LAUNCHER } from "./process.ts";
import { sharedCache } from "./state.ts";

/** Somebody with a shell and a guide: their own home, `openclaw` on their PATH, lines typed as they are printed. */
export interface Reader extends Disposable {
  home: string;
  stateDir: string;
  /** A port for the gateway; the machine of the test may use the usual ones. */
  port: number;
  /** The line in `sh`; it may be several. */
  types(lines: string, env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** The same, and it has to work; what it printed. */
  does(lines: string, env?: NodeJS.ProcessEnv): Promise<string>;
  writes(config: unknown): void;
  boots(): ReturnType<typeof bootsOf>;
}

export async function openReader(config?: (port: number) => unknown): Promise<Reader> {
  const home = mkdtempSync(join(tmpdir(), "openclaw-reader-"));
  const stateDir = join(home, ".openclaw");
  const bin = join(home, "bin");
  mkdirSync(bin);
  symlinkSync(LAUNCHER, join(bin, "openclaw"));
  symlinkSync(process.execPath, join(bin, "node"));
  const port = await freePort();
  const folder = { dir: stateDir } as Parameters<typeof bootsOf>[0];
  const own = {
    HOME: home,
    PATH: [bin, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
    OPENCLAW_IN_CONTAINER: "0",
    NO_COLOR: "1",
    ...sharedCache(),
  };
  const types = (lines: string, env: NodeJS.ProcessEnv = {}) => {
    const child = spawn("sh", ["-c", lines], { env: { ...own, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    return new Promise<Ended>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  };
  const writes = (value: unknown) => {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    writeFileSync(join(stateDir, "openclaw.json"), text, { mode: 0o600 });
  };
  if (config) writes(config(port));
  return {
    home,
    stateDir,
    port,
    types,
    writes,
    boots: () => bootsOf(folder),
    async does(lines, env) {
      const { code, stdout, stderr } = await types(lines, env);
      if (code !== 0) throw new Error(`exit code ${code}: ${lines}\n${stdout}\n${stderr}`);
      return stdout;
    },
    [Symbol.dispose]() {
      endBackgroundGateway(folder)[Symbol.dispose]();
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
