import { secretsOf } from "../access/credentials.ts";
import { describeChoice } from "../agent/models.ts";
import { secretsIn } from "../config/redact.ts";
import { failuresInARow, LOOP_BOOTS } from "../platform/boot-ledger.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import { type Clock, systemClock } from "../platform/clock.ts";
import { DamagedDatabase } from "../platform/database-fault.ts";
import { readFaultPlan } from "../platform/failpoints.ts";
import { Fault } from "../platform/fault.ts";
import type { LastExit } from "../platform/last-exit.ts";
import { acquireLock, type LockOwner, readLockOwner } from "../platform/lock.ts";
import { type Log, type LogSink, openLog } from "../platform/log.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { openScope, type Scope } from "../platform/scope.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { needsMigration, openSessionStore, type SessionStore } from "../sessions/store.ts";
import { recoverTurns } from "../turn/recover.ts";
import { crashesBefore, endedWithoutWord, endOf, openBoot, refusalOf } from "./boot.ts";
import { composeGateway } from "./compose.ts";
import { openListener } from "./listener.ts";
import { startMaintenance } from "./maintenance.ts";
import { openOwnerSocket } from "./owner-socket.ts";
import { openReload } from "./reload/reload.ts";
import { openRestart } from "./restart.ts";
import type { GatewayServices } from "./services.ts";
import { type ListenSettings, resolveSettings, type Settings, type SettingsInput } from "./settings.ts";
import { watchStart } from "./start-watchdog.ts";
import { type StopReason, stopGateway } from "./stop.ts";
import { unusedSettings } from "./unused.ts";
import { orAbort } from "./within.ts";

export interface StartInput extends SettingsInput {
  console: { write(line: string): void; color: boolean };
  /** Gives a start up that takes too long for whoever waits. */
  signal?: AbortSignal;
  /** The machine's own where it is not given. */
  clock?: Clock;
}

export interface RunningGateway {
  services: GatewayServices;
  url: string;
  /** Tells everybody, settles what runs and closes everything. Safe to call once. */
  stop(reason: StopReason): Promise<void>;
}

/** The boot, in order. Throws a Fault where the owner has to act; then nothing is left running. */
export async function startGateway(input: StartInput): Promise<RunningGateway> {
  const { env, paths, loaded, flags, signal } = input;
  const { clock = systemClock } = input;
  const bornAt = clock.monotonic();
  const failpoints = readFaultPlan(env.faultPlan);

  const settings = resolveSettings(input);
  ensureStateDirs(paths);
  const sink = openGatewayLog(settings, input);
  const { log } = sink;
  const scope = openScope("gateway", {
    clock,
    onError: (error, where) => log.error(`background work failed in ${where}`, { error }),
  });

  let boot: BootRecord | undefined;
  try {
    log.info("starting...", { version: PRODUCT_VERSION, pid: process.pid, config: paths.configPath });
    const notices = [...loaded.notices, ...unusedSettings(loaded.config), ...settings.notices];
    for (const notice of notices) log.warn(notice);
    const owner = {
      pid: process.pid,
      port: settings.port,
      startedAtMs: clock.now(),
      version: PRODUCT_VERSION,
    };
    const lock = await takeLock(paths, owner, scope, sink);
    if (needsMigration(paths.sessionsDb)) await keepBeforeMigration(input, scope, sink);

    const record = openBoot(paths, settings, log);
    boot = record;
    using _watchdog = watchStart({ boot, clock, log, timeoutMs: env.startupTimeoutMs });
    const previousExit = askPreviousExit(record, scope, log);
    if (env.inContainer) noteContainer(input, settings, scope, log);

    const store = scope.own(await openSessions(input, log, scope.signal));
    const safeMode = await enterSafeMode(record, log);
    const reload = openReload(loaded, { clock, paths, env });
    const restart = openRestart({
      clock,
      log,
      requireStartable: () => checkRestart(input, listener.settings()),
      onRefused: (fault) => record.refused(refusalOf(fault)),
    });
    const composition = composeGateway({
      env,
      paths,
      loaded,
      settings,
      reload,
      restart,
      boot,
      previousExit,
      safeMode,
      failpoints,
      store,
      clock,
      sink,
      scope,
      port: () => listener.server().port(),
      listening: () => ({
        bind: listener.settings().bind,
        fingerprint: listener.server().fingerprint,
      }),
    });
    const { services } = composition;
    await orAbort(signal, failpoints.pass("start.beforeListen"));
    const opening = openListener({
      services,
      settings,
      scope,
      onListening(port) {
        lock.update({ ...owner, port });
        record.reached("listening", port);
      },
    });
    const listener = await orAbort(signal, opening);
    await orAbort(signal, failpoints.pass("start.afterListen"));

    safeMode?.judge(services.turns.journal);
    const recovered = recoverTurns(services.turns, safeMode?.over);
    safeMode?.entered(recovered);
    if (recovered.resumed + recovered.interrupted > 0)
      log.info("unfinished turns of the previous run", { ...recovered });
    startMaintenance(services, scope);
    safeMode?.watch(scope);
    const ownerSocket = await openOwnerSocket(services);
    if (ownerSocket) scope.own(ownerSocket);
    services.lifecycle.started();
    record.reached("ready");
    log.info(`listening on :${services.port()}`);
    log.info("ready", { ms: Math.round(clock.monotonic() - bornAt) });
    announceModel(services);
    scope.spawn("channels", () => services.channels.follow());
    reload.start({ ...composition, listener, flags, scope });

    return {
      services,
      url: `${settings.tls ? "https" : "http"}://${urlHost(settings.bind.host)}:${services.port()}/`,
      stop: (reason) => stopGateway({ services, server: listener.server(), scope, reason }),
    };
  } catch (error) {
    boot?.ended(...endOf(error, signal?.aborted ?? false));
    if (boot && !signal?.aborted) tellLoop(boot, log);
    await scope[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
    throw error;
  }
}

/** From here on no configured secret can reach a log line: the sink knows them all. */
function openGatewayLog({ auth, logLevel }: Settings, { paths, loaded, console }: StartInput): LogSink {
  const { maxFileBytes } = loaded.config.logging ?? {};
  const sink = openLog({
    dir: paths.logsDir,
    level: logLevel,
    console,
    clock: systemClock,
    ...(maxFileBytes !== undefined && { maxFileBytes }),
  });
  for (const secret of [...secretsOf(auth), ...secretsIn(loaded.config)]) sink.addSecret(secret);
  return sink;
}

async function takeLock(paths: Paths, owner: LockOwner, scope: Scope, { log }: LogSink) {
  const result = acquireLock(paths.lockFile, paths.pidFile, owner);
  if (result.kind === "held") {
    const { pid, port } = result.owner ?? (await firstWord(paths)) ?? {};
    const who = pid === undefined ? "another process" : `pid ${pid}`;
    throw new Fault(`gateway already running (${who}${port === undefined ? "" : `, port ${port}`})`, {
      why: `another gateway instance is already listening for ${paths.stateDir}`,
      fix: "openclaw status",
    });
  }
  if (result.stalePid !== undefined) log.info(`stale gateway.pid ignored (pid ${result.stalePid} is gone)`);
  return scope.own(result.lock);
}

/** Who has only just won the lock has perhaps not said yet who it is. */
async function firstWord({ pidFile }: Paths): Promise<LockOwner | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const owner = readLockOwner(pidFile);
    if (owner) return owner;
  }
  return undefined;
}

/** A migration cannot be taken back. One that finds no room is made all the same: it happens wholly or not at all. */
async function keepBeforeMigration(
  { paths, env }: StartInput,
  scope: Scope,
  { log }: LogSink,
): Promise<void> {
  const { snapshotBeforeMigration } = await import("../sessions/snapshots.ts");
  const outcome = await snapshotBeforeMigration({ paths, clock: systemClock, env }, scope.signal);
  log.info("the sessions are brought to this version", { snapshot: outcome });
}

/** Damage costs what was said since the newest snapshot, not the start. */
async function openSessions(
  { paths, env, clock = systemClock }: StartInput,
  log: Log,
  signal: AbortSignal,
): Promise<SessionStore> {
  try {
    return openSessionStore(paths.sessionsDb, clock);
  } catch (error) {
    if (!(error instanceof DamagedDatabase)) throw error;
    const { healSessions } = await import("./heal-sessions.ts");
    await healSessions(error, { paths, env, clock, log, signal });
    return openSessionStore(paths.sessionsDb, clock);
  }
}

/** What is only needed after a bad end is loaded only then. */
function askPreviousExit(boot: BootRecord, scope: Scope, log: Log): () => LastExit | undefined {
  let exit: LastExit | undefined;
  if (endedWithoutWord(boot))
    scope.spawn("previous exit", async () => {
      const { explainPreviousExit } = await import("./previous-exit.ts");
      exit = explainPreviousExit(boot, { log, clock: systemClock });
    });
  return () => exit;
}

/** What crashed again and again is not simply done once more. */
async function enterSafeMode(boot: BootRecord, log: Log) {
  const crashes = crashesBefore(boot, systemClock.now());
  if (crashes.length < LOOP_BOOTS) return undefined;
  const { openSafeMode } = await import("./safe-mode.ts");
  return openSafeMode({ crashes, boot, clock: systemClock, log });
}

/** A supervisor goes on for ever; its journal is to say that this is no single failure. */
function tellLoop({ previous }: BootRecord, log: Log): void {
  const failures = failuresInARow(previous, systemClock.now()) + 1;
  if (failures >= LOOP_BOOTS)
    log.error(
      `error: ${failures} starts in a row have failed; what they have in common says: openclaw doctor`,
    );
}

function noteContainer({ paths, env }: StartInput, settings: Settings, scope: Scope, log: Log): void {
  scope.spawn("container notes", async () => {
    const { writeContainerNotes } = await import("./container-notes.ts");
    writeContainerNotes(log, { paths, home: env.home, settings });
  });
}

async function checkRestart({ env, paths, flags }: StartInput, listening: ListenSettings): Promise<void> {
  const { requireStartable } = await import("./restart-check.ts");
  await requireStartable({ env, paths, flags, listening });
}

function announceModel({ model, sink: { log } }: GatewayServices): void {
  void model.then((found) => {
    if (found.kind === "unusable")
      log.error(`no usable model: ${found.error.message}`, { error: found.error });
    else for (const line of describeChoice(found.choice)) log.info(line);
  });
}

/** The address a person types; a wildcard bind is reached over loopback. */
function urlHost(host: string | undefined): string {
  if (host === undefined) return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
