import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../platform/alive.ts";
import { type BootRefusal, readBoots } from "../platform/boot-ledger.ts";
import { Fault } from "../platform/fault.ts";
import { isLocked } from "../platform/lock.ts";
import { type FoundGateway, findRunningGateway } from "../platform/running-gateway.ts";
import type { InstalledService } from "../platform/service/installed.ts";
import { GatewayError } from "../protocol/errors.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { awaitBoot } from "./await-boot.ts";
import { startBackgroundGateway } from "./background-gateway.ts";
import { explainStart } from "./broken-start.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";
import { requireStartable } from "./require-startable.ts";
import { refusedStart, settleBoot } from "./settle-boot.ts";
import { surviveReboot } from "./survive-reboot.ts";

export interface RestartOptions {
  waitMs: number;
  /** Nothing that has been accepted is interrupted. */
  safe: boolean;
  /** The process is ended, by force if need be, and another one started. */
  force: boolean;
  /** What to do when nothing runs. */
  whenStopped: "start" | "refuse";
}

/**
 * The gateway of this state folder runs afterwards, and by the config as it is now. Throws the Fault of a config that
 * would not start, before anything is stopped, and one for a gateway that does not come up in time.
 */
export async function restartGateway(options: RestartOptions, context: CommandContext): Promise<void> {
  await restart(options, context).catch(async (error: unknown) => {
    throw await explainStart(error, context);
  });
}

async function restart(options: RestartOptions, context: CommandContext): Promise<void> {
  await requireNewEnoughFor("restart the gateway", context);
  const found = findRunningGateway(context.paths);
  if (options.safe && found.kind !== "none") await untilIdle(options.waitMs, context);
  const service = await serviceToRestart(found, context);
  if (service) {
    const { restartService } = await import("./run-service.ts");
    await restartService({ service, waitMs: options.waitMs, verb: "restart" }, context);
  } else if (found.kind === "verified" && options.force) await replace(found.pid, options, context);
  else if (found.kind !== "none") await restartRunning(found, options, context);
  else if (options.whenStopped === "start") await startStopped(options, context);
  else throw nothingRuns();
}

/**
 * The service, where it is installed and nothing else runs in its place. One of the machine whose gateway runs needs
 * no root for a restart in its own process.
 */
async function serviceToRestart(
  found: FoundGateway,
  context: CommandContext,
): Promise<InstalledService | undefined> {
  const { machineOf, managedService } = await import("./service-desk.ts");
  const service = managedService(context);
  if (!service || found.kind === "none") return service;
  const machine = machineOf(context);
  if (service.level === "system" && machine.uid !== 0) return undefined;
  const { managerOf } = await import("../platform/service/own-service.ts");
  const { runtime } = await managerOf(service).state(service, machine);
  return runtime === "running" ? service : undefined;
}

/** Turns that come meanwhile count too: a gateway that is never idle is not restarted this way. */
async function untilIdle(waitMs: number, context: CommandContext): Promise<void> {
  const connection = await context.connect({ scopes: ["operator.read"], backendFor: PREFLIGHT });
  const deadline = performance.now() + waitMs;
  let told = false;
  for (;;) {
    const { safe, summary } = await connection.call<{ safe: boolean; summary: string }>(
      PREFLIGHT,
      {},
      { timeoutMs: PREFLIGHT_MS },
    );
    if (safe) return;
    if (performance.now() > deadline)
      throw new Fault("the gateway was not restarted: it is still at work", {
        why: `${summary}; nothing was stopped`,
        fix: "openclaw restart",
      });
    if (!told) context.io.note(`notice: waiting for what goes on: ${summary}`);
    told = true;
    await sleep(IDLE_POLL_MS);
  }
}

const PREFLIGHT = "gateway.restart.preflight";
const PREFLIGHT_MS = 10_000;
const IDLE_POLL_MS = 250;

/** For one that hangs: what it has accepted is on disk, and the next one goes on with it. */
async function replace(pid: number, options: RestartOptions, context: CommandContext): Promise<void> {
  if (context.env.inContainer)
    throw new Fault("restart --force would end this container", {
      why: "its first process is what keeps the container running",
      fix: "docker restart <container>",
    });
  await requireStartable(context);
  const { endGateway } = await import("./free-gateway.ts");
  await endGateway(pid, context);
  await startStopped(options, context);
}

async function restartRunning(
  found: Exclude<FoundGateway, { kind: "none" }>,
  { waitMs }: RestartOptions,
  context: CommandContext,
): Promise<void> {
  const { paths, io } = context;
  const known = readBoots(paths);
  const sinceMs = Date.now();
  const { pid, port } = await requestRestart(found, context);
  io.out(`Gateway restart request sent to foreground process on port ${port}: ${pid}.`);
  const gone = () => (!isAlive(pid) && !isLocked(paths.lockFile) ? `process ${pid} has ended` : undefined);
  const outcome = await awaitBoot({ paths, known, waitMs, gone });
  await settleBoot({ outcome, paths, waitMs, sinceMs }, context);
}

/** By signal where the process is known for sure, which needs no token; else over the wire. */
async function requestRestart(
  found: Exclude<FoundGateway, { kind: "none" }>,
  context: CommandContext,
): Promise<{ pid: number; port: number }> {
  const boot = found.kind === "verified" ? found.boot : undefined;
  if (boot && boot.version !== PRODUCT_VERSION)
    context.io.note(
      `notice: the running gateway stays version ${boot.version}; to run ${PRODUCT_VERSION}: openclaw stop && openclaw restart`,
    );
  // An older program that keeps no ledger would be ended by the signal.
  if (boot && process.platform !== "win32" && signalled(boot.pid)) return boot;
  const why = found.kind === "unverified" ? found.why : `process ${found.pid} could not be signalled`;
  context.io.note(`notice: asking the gateway itself: ${why}`);
  const { restart } = await context
    .call<{ restart: { pid: number; port: number } }>(
      "gateway.restart.request",
      { reason: `openclaw ${context.name}` },
      { scopes: ["operator.admin"] },
    )
    .catch((error: unknown) => {
      const refusal = error instanceof GatewayError ? error.extras.details?.refusal : undefined;
      throw refusal === undefined ? error : refusedStart(refusal as BootRefusal);
    });
  return restart;
}

function signalled(pid: number): boolean {
  try {
    process.kill(pid, "SIGUSR2");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
    throw error;
  }
}

async function startStopped(options: RestartOptions, context: CommandContext): Promise<void> {
  const { paths, env, io } = context;
  const { waitMs } = options;
  const known = readBoots(paths);
  const sinceMs = Date.now();
  await requireStartable(context);
  const { pid, consoleFile, ...child } = await startBackgroundGateway(paths, env);
  io.out(`${options.force ? "" : "Nothing was running. "}Gateway started in the background: ${pid}.`);
  // Where another start was faster, that one is waited for.
  const gone = () => (isLocked(paths.lockFile) ? undefined : child.gone());
  const outcome = await awaitBoot({ paths, known, waitMs, gone });
  const boot = await settleBoot({ outcome, paths, waitMs, sinceMs }, context);
  if (boot.pid !== pid) io.note(`notice: another start was faster; the gateway is process ${boot.pid}`);
  io.out(`What it prints: ${consoleFile}`);
  io.out(`to survive reboot: ${await surviveReboot(context)}`);
}

function nothingRuns(): Fault {
  return new Fault("Gateway is not running, and no service is installed that could be restarted.", {
    lines: [
      "Tip: openclaw restart             start it in the background",
      "Tip: openclaw start               start it in this terminal",
      "Tip: openclaw gateway install     install it as a service, and start it now",
      "Tip: pm2 start openclaw -- start  keep it running with PM2",
      "Tip: openclaw logs --tail 100     why it ended",
    ],
    fix: "openclaw restart",
  });
}
