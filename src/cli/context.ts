import type { LoadedConfig } from "../config/load.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import type { CallOptions, GatewayConnection } from "../protocol/client.ts";
import type { Scope } from "../protocol/scopes.ts";
import type { Reached, ReachOptions } from "./call.ts";
import type { Io } from "./io.ts";
import type { Target } from "./target.ts";
import type { Surface } from "./trouble-fault.ts";

/** How a command connects; handshake deadline and target come from its `--timeout`, `--url`, … */
export type ConnectOptions = Omit<ReachOptions, "timeoutMs"> & { timeoutMs?: number; surface?: Surface };

export interface OneCall {
  scopes: readonly Scope[];
  surface?: Surface;
  backend?: true;
}

/** Everything a command may use. Parts that cost something are made when they are first asked for. */
export interface CommandContext {
  env: Env;
  paths: Paths;
  io: Io;
  verbose: boolean;
  /** The command's name as typed, for messages: "gateway status". */
  name: string;
  /** Aborted by the first Ctrl-C or SIGTERM. Until it is asked for, these end the process as usual. */
  readonly signal: AbortSignal;
  /** Throws `Fault` (78) for a broken config. */
  config(): Promise<LoadedConfig>;
  /** The gateway this command is about; prints its notices once. */
  target(): Promise<Target>;
  reach(options: ConnectOptions): Promise<Reached>;
  /** Like `reach`, but trouble is thrown as the `Fault` of the surface. */
  connect(options: ConnectOptions): Promise<GatewayConnection>;
  /** One connection, one call. */
  call<T>(method: string, params: unknown, options: OneCall & Partial<CallOptions>): Promise<T>;
}
