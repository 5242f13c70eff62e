import { randomBytes } from "node:crypto";
import { requireAuthBeyondLoopback, resolveAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import { describeChoice } from "../agent/models.ts";
import type { LoadedConfig } from "../config/load.ts";
import { systemClock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { readFileIfExists, writeFileAtomic } from "../platform/files.ts";
import { acquireLock } from "../platform/lock.ts";
import { type LogLevel, openLog } from "../platform/log.ts";
import { DEV_PORT, ensureStateDirs, type Paths } from "../platform/paths.ts";
import { openScope } from "../platform/scope.ts";
import { DEFAULT_PORT, LIMITS } from "../protocol/limits.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { recoverTurns } from "../turn/recover.ts";
import { resolveBind } from "./bind.ts";
import { composeGateway } from "./compose.ts";
import { requireGatewayMode } from "./guard.ts";
import { startMaintenance } from "./maintenance.ts";
import { openServer } from "./server.ts";
import type { GatewayServices } from "./services.ts";
import { stopGateway } from "./stop.ts";

export interface GatewayFlags {
  port?: number;
  bind?: string;
  auth?: string;
  token?: string;
  password?: string;
  allowUnconfigured: boolean;
  verbose: boolean;
}

export interface StartInput {
  env: Env;
  paths: Paths;
  loaded: LoadedConfig;
  flags: GatewayFlags;
  console: { write(line: string): void; color: boolean };
}

export interface RunningGateway {
  services: GatewayServices;
  url: string;
  /** Tells everybody, settles what runs and closes everything. Safe to call once. */
  stop(reason: string): Promise<void>;
}

/** The boot, in order. Throws a Fault where the owner has to act; then nothing is left behind. */
export async function startGateway(input: StartInput): Promise<RunningGateway> {
  const { env, paths, loaded, flags } = input;
  const clock = systemClock;
  const { config } = loaded;
  const bornAt = clock.monotonic();

  requireGatewayMode(loaded, flags.allowUnconfigured);
  const savedToken = readFileIfExists(paths.tokenFile)?.trim();
  const secrets = [flags.token, flags.password, env.gateway.token, env.gateway.password, savedToken];
  const configured = config.gateway?.auth?.token ?? config.gateway?.auth?.password;
  const bind = resolveBind(flags.bind, config, {
    inContainer: env.inContainer,
    hasSecret: configured !== undefined || secrets.some(Boolean),
  });
  const port =
    flags.port ??
    env.gateway.port ??
    config.gateway?.port ??
    (paths.profile === "dev" ? DEV_PORT : DEFAULT_PORT);
  const auth = resolveAuth({
    config,
    env,
    flags,
    savedToken,
    mintToken: () => mintToken(paths),
    loopbackOnly: bind.loopbackOnly,
  });
  requireAuthBeyondLoopback(auth, bind.mode, bind.loopbackOnly);
  ensureStateDirs(paths);

  const level = flags.verbose ? "debug" : ((env.logLevel ?? config.logging?.level ?? "info") as LogLevel);
  const sink = openLog({ dir: paths.logsDir, level, console: input.console, clock });
  for (const secret of [auth.token, auth.password]) if (secret) sink.addSecret(secret.reveal());
  const { log } = sink;
  const scope = openScope("gateway", {
    clock,
    onError: (error, where) => log.error(`background work failed in ${where}`, { error }),
  });

  try {
    log.info("starting...", { version: PRODUCT_VERSION, pid: process.pid, config: paths.configPath });
    for (const notice of loaded.notices) log.warn(notice);
    const owner = { pid: process.pid, port, startedAtMs: clock.now(), version: PRODUCT_VERSION };
    const held = acquireLock(paths.lockFile, paths.pidFile, owner);
    if (held.kind === "held") throw alreadyRunning(held.owner?.pid, held.owner?.port, paths);
    const lock = scope.own(held.lock);
    if (held.stalePid !== undefined) log.info(`stale gateway.pid ignored (pid ${held.stalePid} is gone)`);

    const perimeter: Perimeter = {
      trustedProxies: config.gateway?.trustedProxies ?? [],
      allowedOrigins: config.gateway?.controlUi?.allowedOrigins ?? [],
      loopbackOnly: bind.loopbackOnly,
    };
    const services = composeGateway({
      env,
      paths,
      loaded,
      auth,
      perimeter,
      clock,
      sink,
      scope,
      port: () => server.port(),
    });
    const server = openServer(services, {
      handshakeTimeoutMs:
        env.handshakeTimeoutMs ?? config.gateway?.handshakeTimeoutMs ?? LIMITS.handshakeTimeoutMs,
      preAuthSocketsPerIp: env.maxPreauthConnectionsPerIp ?? LIMITS.preAuthSocketsPerIp,
    });
    await server.listen({ host: bind.host, port });
    log.info(`http server listening (${server.addresses().join(", ")})`);
    for (const extra of [...env.gateway.extraPorts, ...(config.gateway?.extraPorts ?? [])]) {
      await server
        .listen({ host: bind.host, port: extra })
        .catch((error: Error) => log.warn(`extra port ${extra} not used: ${error.message}`));
    }
    lock.update({ ...owner, port: server.port() });

    const recovered = recoverTurns(services.turns);
    if (recovered.resumed + recovered.interrupted > 0)
      log.info("unfinished turns of the previous run", recovered);
    startMaintenance(services, scope);
    services.lifecycle.started();
    log.info(`listening on :${server.port()}`);
    log.info("ready", { ms: Math.round(clock.monotonic() - bornAt) });
    announceModel(services);

    const host = bind.host?.includes(":") ? `[${bind.host}]` : (bind.host ?? "127.0.0.1");
    return {
      services,
      url: `http://${host}:${server.port()}/`,
      stop: (reason) => stopGateway({ services, server, scope, reason }),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
    throw error;
  }
}

/** Made once and kept (behaviour.md R7): restarts never lock anybody out. */
function mintToken(paths: Paths): string {
  ensureStateDirs(paths);
  const token = randomBytes(32).toString("hex");
  writeFileAtomic(paths.tokenFile, `${token}\n`);
  return token;
}

function alreadyRunning(pid: number | undefined, port: number | undefined, paths: Paths): Fault {
  const who = pid === undefined ? "another process" : `pid ${pid}`;
  return new Fault(`gateway already running (${who}${port === undefined ? "" : `, port ${port}`})`, {
    why: `another gateway instance is already listening for ${paths.stateDir}`,
    fix: "openclaw status",
    exitCode: 78,
  });
}

function announceModel({ model, sink, turns }: GatewayServices): void {
  model.then(
    (choice) => {
      for (const line of describeChoice(choice)) sink.log.info(line);
    },
    (error: Error) => sink.log.error(`no usable model: ${error.message}`, { agents: turns.agents().length }),
  );
}
