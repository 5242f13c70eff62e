import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConfig } from "../../config/store.ts";
import { type Env, readEnv } from "../../platform/env.ts";
import { type Paths, resolvePaths } from "../../platform/paths.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";

/** A gateway of its own: folder, port, token, process. Nothing of the user's state is read or written. */
export interface PrivateGateway {
  home: string;
  env: Env;
  paths: Paths;
  port: number;
  token: string;
  pid(): number;
  /** Resolves with the text around the `count`th match in what it printed; rejects when it ends or the time is over. */
  printed(pattern: RegExp, count: number): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** How it ended; rejects when it does not within the time. */
  ended(): Promise<{ code: number | null; signal: string | null }>;
  /** The last lines it printed, for a report. */
  lastWords(): string[];
}

export interface LaunchInput {
  /** Of the person who asks; only where Node keeps compiled code is taken from it. */
  env: Env;
  /** Program and arguments that begin a command line of this installation. */
  program: readonly string[];
  stepMs: number;
}

const LAST_LINES = 8;
const MAX_OUTPUT_CHARS = 200_000;

/** Disposing ends the process, whatever it does, and removes the folder. */
export async function preparePrivateGateway(
  input: LaunchInput,
): Promise<PrivateGateway & AsyncDisposable & { start(): void }> {
  const { env: own, program, stepMs } = input;
  const home = mkdtempSync(join(tmpdir(), "openclaw-selftest-"));
  const variables = {
    ...own.childEnv(),
    HOME: home,
    XDG_CACHE_HOME: own.get("XDG_CACHE_HOME") ?? join(own.home, ".cache"),
    OPENCLAW_STATE_DIR: join(home, "state"),
    OPENCLAW_IN_CONTAINER: "0",
    NO_COLOR: "1",
  };
  const env = readEnv(variables);
  const paths = resolvePaths(env);
  const token = randomBytes(32).toString("hex");
  let child: ChildProcess | undefined;
  let output = "";
  let end: { code: number | null; signal: string | null } | undefined;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };

  function until<T>(look: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(timer);
        listeners.delete(check);
        done();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${what} did not happen within ${stepMs} ms`))),
        stepMs,
      );
      const check = () => {
        const found = look();
        if (found !== undefined) settle(() => resolve(found));
        else if (end) settle(() => reject(new Error(`its process ended with ${how(end!)}`)));
      };
      listeners.add(check);
      check();
    });
  }

  try {
    const port = await freePort();
    await createConfig({
      ...{ paths, env, version: PRODUCT_VERSION, author: { kind: "cli" }, command: "selftest" },
      value: {
        gateway: {
          mode: "local",
          bind: "loopback",
          port,
          auth: { mode: "token", token },
          // So that a device can come from elsewhere, as through a proxy on this machine.
          trustedProxies: ["127.0.0.1"],
        },
        agents: { defaults: { model: "demo/echo" } },
      },
    });
    return {
      ...{ home, env, paths, port, token },
      start() {
        const [command, ...args] = program;
        child = spawn(command!, [...args, "gateway", "run"], {
          env: variables,
          cwd: home,
          stdio: ["ignore", "pipe", "pipe"],
          windowsHide: true,
        });
        const onText = (text: string) => {
          output = (output + text).slice(-MAX_OUTPUT_CHARS);
          tell();
        };
        child.stdout!.setEncoding("utf8").on("data", onText);
        child.stderr!.setEncoding("utf8").on("data", onText);
        child.once("error", (error) => {
          onText(`${error.message}\n`);
          end ??= { code: null, signal: null };
          tell();
        });
        child.once("close", (code, signal) => {
          end ??= { code, signal };
          tell();
        });
      },
      pid: () => child?.pid ?? 0,
      printed: (pattern, count) =>
        until(
          () => {
            const matches = [...output.matchAll(new RegExp(pattern, "g"))];
            return matches.length >= count ? matches[count - 1]![0] : undefined;
          },
          `"${pattern.source.replaceAll("\\", "")}"`,
        ),
      signal: (name) => void child?.kill(name),
      ended: () => until(() => end, "the end of its process"),
      lastWords: () => output.trimEnd().split("\n").slice(-LAST_LINES),
      async [Symbol.asyncDispose]() {
        if (child?.pid !== undefined && !end) {
          child.kill("SIGKILL");
          await until(() => end, "its end by force").catch(() => {});
        }
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function how({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal === null ? `exit code ${code}` : signal;
}

/** The kernel names one that is free now; that somebody takes it in the next second is a failure the report shows. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
