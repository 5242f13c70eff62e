import { existsSync } from "node:fs";
import { lastGoodPath } from "../config/last-good.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import type { GatewayConnection } from "../protocol/client.ts";
import { reach } from "./call.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";
import { resolveTarget, type Target, type TargetFlags } from "./target.ts";
import { gatherTargetInput } from "./target-input.ts";
import type { Trouble } from "./trouble.ts";
import { troubleFault } from "./trouble-fault.ts";

export interface ContextInput {
  env: Env;
  paths: Paths;
  io: Io;
  verbose: boolean;
  name: string;
  /** The parsed arguments; where the command has the client options, they decide about target and deadline. */
  args: Record<string, unknown>;
  /** Instead of the one the arguments and the config say. */
  target?: Target;
}

/** No handshake takes longer, however long the command itself is ready to wait. */
const MAX_HANDSHAKE_MS = 15_000;

/** Disposing closes the connections the command has left open, without which the process would not end. */
export function openContext({ args, target: chosen, ...given }: ContextInput): CommandContext & Disposable {
  const { env, paths, io, name } = given;
  const timeoutMs = typeof args.timeout === "number" ? args.timeout : 10_000;
  const open: GatewayConnection[] = [];
  let target = chosen && Promise.resolve(chosen);
  let stop: ReturnType<typeof abortOnSignal> | undefined;

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
    const flags = args as TargetFlags;
    const found = resolveTarget(await gatherTargetInput({ flags, env, paths, config, running }));
    for (const notice of found.notices) io.note(`notice: ${notice}`);
    return found;
  }

  const context: CommandContext & Disposable = {
    ...given,
    get signal() {
      stop ??= abortOnSignal();
      return stop.controller.signal;
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
      const { byOwner, ...how } = options;
      const target = await context.target();
      const ownerSocket = byOwner ? ownerSocketFor(target, args as TargetFlags, paths) : undefined;
      const to = ownerSocket === undefined ? target : { ...target, ownerSocket };
      const reached = await reach(to, { timeoutMs: handshakeMs, ...how }, paths);
      if (reached.kind === "connected") open.push(reached.connection);
      return reached;
    },
    async connect({ surface = "call", ...options }) {
      const reached = await context.reach(options);
      if (reached.kind === "connected") return reached.connection;
      const target = await context.target();
      if (surface !== "check" && !options.byOwner && isRefusal(reached.trouble)) {
        // A wrong token never locks the owner out of the gateway on this machine.
        const again = ownerSocketFor(target, args as TargetFlags, paths)
          ? await context.reach({ ...options, byOwner: true })
          : reached;
        if (again.kind === "connected") {
          io.note(`notice: ${refusedNotice(target)}; went by the socket of the state folder`);
          return again.connection;
        }
      }
      throw troubleFault(reached.trouble, target, surface, name);
    },
    async call<T>(method: string, params: unknown, options: Parameters<CommandContext["call"]>[2]) {
      const { scopes, surface, backend, byOwner, ...call } = options;
      const connection = await context.connect({
        scopes,
        ...(byOwner && { byOwner }),
        ...(surface && { surface }),
        ...(backend && { backendFor: method }),
      });
      return connection.call<T>(method, params, { timeoutMs, ...call });
    },
    [Symbol.dispose]() {
      for (const connection of open) connection.close();
      stop?.forget();
    },
  };
  return context;
}

/** The owner's own door, where there is one and nobody asked for another way in. */
function ownerSocketFor(target: Target, flags: TargetFlags, paths: Paths): string | undefined {
  const chosen = flags.token ?? flags.password ?? flags.port;
  if (!target.local || chosen !== undefined || !existsSync(paths.ownerSocket)) return undefined;
  return paths.ownerSocket;
}

function isRefusal({ kind }: Trouble): boolean {
  return ["credentials", "device-token", "scope", "locked-out", "pairing"].includes(kind);
}

function refusedNotice({ credentials }: Target): string {
  return credentials.source === undefined
    ? "no token is known here for the gateway"
    : `the gateway does not accept ${credentials.source}`;
}

/** The second signal is not caught: a person who insists gets their way. */
function abortOnSignal(): { controller: AbortController; forget(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.once(name, abort);
  return {
    controller,
    forget() {
      for (const name of names) process.off(name, abort);
    },
  };
}
