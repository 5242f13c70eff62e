import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../scripts/tree.ts";

export const LAUNCHER = join(ROOT, "bin/openclaw.cjs");
export const TOKEN = "bench-token-0123456789abcdef";

/** A process under measurement; it ends with the `using` block. */
export interface Measured extends AsyncDisposable {
  pid: number;
  port: number;
  /** Milliseconds from spawn to the first good answer. */
  readyMs: number;
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts `node <args>` and polls `path` until it answers 200. */
export async function startServer(
  args: string[],
  port: number,
  path: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, ...env },
  });
  while (!(await answers(port, path))) {
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended with ${child.exitCode}`);
    if (performance.now() - startedAt > 20_000)
      throw new Error(`${args.join(" ")} did not answer within 20 s`);
    await sleep(1);
  }
  return {
    pid: child.pid!,
    port,
    readyMs: performance.now() - startedAt,
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** A gateway with its own state folder; `providers` points it at a fake upstream. */
export async function startGateway({
  upstreamPort,
  firstStart = false,
}: {
  upstreamPort?: number;
  firstStart?: boolean;
} = {}): Promise<Measured & { state: string }> {
  const state = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
  const port = await freePort();
  const upstream = upstreamPort && {
    models: {
      providers: {
        fake: { baseUrl: `http://127.0.0.1:${upstreamPort}/v1`, api: "openai-completions", apiKey: "none" },
      },
    },
    agents: { defaults: { model: { primary: "fake/fake" } } },
  };
  const config = {
    gateway: { mode: "local", bind: "loopback", port, auth: { mode: "token", token: TOKEN } },
    ...upstream,
  };
  writeFileSync(join(state, "openclaw.json"), JSON.stringify(config), { mode: 0o600 });
  const server = await startServer(
    [LAUNCHER, "gateway", "run"],
    port,
    "/readyz",
    environment(state, firstStart),
  );
  return {
    ...server,
    state,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** The compile cache outlives a start, as it does for a user; only the very first start has none. */
const sharedCache = mkdtempSync(join(tmpdir(), "openclaw-bench-cache-"));
process.once("exit", () => rmSync(sharedCache, { recursive: true, force: true }));

export function environment(state: string, firstStart = false): NodeJS.ProcessEnv {
  return { HOME: state, OPENCLAW_STATE_DIR: state, XDG_CACHE_HOME: firstStart ? state : sharedCache };
}

export function startBare(port: number): Promise<Measured> {
  return startServer([join(import.meta.dirname, "bare-server.mjs"), String(port)], port, "/");
}

/** Resident memory in MB. */
export function rssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

/** CPU time of all threads so far, in milliseconds; the scheduler counts nanoseconds. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6;
}

/** Wall time of a whole process in milliseconds; one that ends otherwise than expected is not timed. */
export function timeProcess(args: string[], env: NodeJS.ProcessEnv = {}, expected = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, args, { stdio: "ignore", env: { PATH: process.env.PATH, ...env } });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === expected) resolve(performance.now() - startedAt);
      else reject(new Error(`${args.join(" ")} ended with ${code}`));
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.once("error", () => resolve(false));
    probe.end();
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
