import { existsSync } from "node:fs";
import { lastGoodPath } from "../config/last-good.ts";
import { readSavedToken } from "../config/saved-token.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import type { GatewayConnection } from "../protocol/client.ts";
import { reach } from "./call.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";
import { resolveTarget, type Target, type TargetFlags } from "./target.ts";
import { troubleFault } from "./trouble-fault.ts";

export interface ContextInput {
  env: Env;
  paths: Paths;
  io: Io;
  verbose: boolean;
  name: string;
  /** The parsed arguments; where the command has the client options, they decide about target and deadline. */
  args: Record<string, unknown>;
}

/** No handshake takes longer, however long the command itself is ready to wait. */
const MAX_HANDSHAKE_MS = 15_000;

/** Disposing closes the connections the command has left open, without which the process would not end. */
export function openContext({ args, ...given }: ContextInput): CommandContext & Disposable {
  const { env, paths, io, name } = given;
  const timeoutMs = typeof args.timeout === "number" ? args.timeout : 10_000;
  const open: GatewayConnection[] = [];
  let target: Promise<Target> | undefined;
  let stop: AbortController | undefined;

  /** A gateway that runs on a file broken since serves the last good version: its credentials are in there. */
  async function configToReach(runs: boolean): Promise<Config> {
    try {
      return (await context.config()).config;
    } catch (error) {
      const lastGood = lastGoodPath(paths.configPath);
      if (!runs || !existsSync(lastGood)) throw error;
      io.note("notice: the config file is broken; the gateway is found by its last good version");
      const { loadConfig } = await import("../config/load.ts");
      return (await loadConfig({ paths: { ...paths, configPath: lastGood }, env, purpose: "look" })).config;
    }
  }

  async function findTarget(): Promise<Target> {
    const running = findRunningGateway(paths);
    const config = await configToReach(running.kind !== "none");
    const found = resolveTarget({
      flags: args as TargetFlags,
      env,
      config,
      paths,
      runningPort: running.kind === "none" ? undefined : running.port,
      savedToken: readSavedToken(paths),
    });
    for (const notice of found.notices) io.note(`notice: ${notice}`);
    return found;
  }

  const context: CommandContext & Disposable = {
    ...given,
    get signal() {
      stop ??= abortOnSignal();
      return stop.signal;
    },
    async config() {
      const { loadConfig } = await import("../config/load.ts");
      return loadConfig({ paths, env, purpose: "look" });
    },
    target() {
      target ??= findTarget();
      return target;
    },
    async reach(options) {
      const handshakeMs = Math.min(timeoutMs, MAX_HANDSHAKE_MS);
      const reached = await reach(await context.target(), { timeoutMs: handshakeMs, ...options });
      if (reached.kind === "connected") open.push(reached.connection);
      return reached;
    },
    async connect({ surface = "call", ...options }) {
      const reached = await context.reach(options);
      if (reached.kind === "connected") return reached.connection;
      throw troubleFault(reached.trouble, await context.target(), surface, name);
    },
    async call<T>(method: string, params: unknown, options: Parameters<CommandContext["call"]>[2]) {
      const { scopes, surface, backend, ...call } = options;
      const connection = await context.connect({
        scopes,
        ...(surface && { surface }),
        ...(backend && { backendFor: method }),
      });
      return connection.call<T>(method, params, { timeoutMs, ...call });
    },
    [Symbol.dispose]() {
      for (const connection of open) connection.close();
    },
  };
  return context;
}

/** The second signal is not caught: a person who insists gets their way. */
function abortOnSignal(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller;
}
