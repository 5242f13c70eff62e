import { type Boot, readBoots } from "../platform/boot-ledger.ts";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { type FoundGateway, findRunningGateway } from "../platform/running-gateway.ts";
import { problemsOf } from "../platform/service/describe.ts";
import type { InstalledService } from "../platform/service/installed.ts";
import { managerOf } from "../platform/service/own-service.ts";
import { pathsOf, pinnedPort, recordedVersion } from "../platform/service/recorded.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { awaitService } from "./await-service.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";
import { requireStartable } from "./require-startable.ts";
import { machineOf, managedService, requireManager, type ServiceContext } from "./service-desk.ts";

export interface ServiceStart {
  service: string;
  /** It ran before. */
  was: "running" | "stopped";
  pid?: number;
  port: number;
}

/**
 * Restarts the service, or starts it where it is stopped, and waits until its gateway is ready. A config that would
 * not start is refused before anything is stopped.
 */
export async function restartService(
  { service, waitMs, verb }: { service: InstalledService; waitMs: number; verb: "start" | "restart" },
  context: ServiceContext,
): Promise<ServiceStart> {
  const machine = machineOf(context);
  const manager = managerOf(service);
  const paths = pathsOf(service) ?? context.paths;
  const port = pinnedPort(service);
  const before = await manager.state(service, machine);
  // With its own variables: keys and ports of this shell are not the service's.
  const env = readEnv({ ...service.env });
  await requireStartable({ env, paths, verbose: context.verbose, ...(port !== undefined && { port }) });
  noteProblems(service, context);
  const known = readBoots(paths);
  const was = before.runtime === "running" || before.runtime === "starting" ? "running" : "stopped";
  if (was === "running" && verb === "restart") await manager.restart(service, machine);
  else await manager.start(service, machine);
  context.io.out(
    was === "running"
      ? `Gateway service restart requested: ${service.name}`
      : `Gateway service started: ${service.name}`,
  );
  const boot = await awaitService({ ref: service, manager, machine, paths, known, waitMs }, context);
  return { service: service.name, was, ...pidOf(boot), port: boot.port };
}

function pidOf({ pid }: Boot): { pid: number } {
  return { pid };
}

function noteProblems(service: InstalledService, { paths, io }: ServiceContext): void {
  const its = pathsOf(service);
  const recorded = { port: pinnedPort(service), version: recordedVersion(service), its };
  for (const problem of problemsOf(recorded, { paths, version: PRODUCT_VERSION }))
    io.note(`notice: ${problem}`);
}

/** `openclaw gateway start`. Throws a `Fault` (1) where no service is installed. */
export async function startService({ waitMs }: { waitMs: number }, context: CommandContext): Promise<void> {
  await requireNewEnoughFor("start the gateway service", context);
  const service = managedService(context);
  if (!service) throw await notInstalled(context);
  const machine = machineOf(context);
  const state = await managerOf(service).state(service, machine);
  const paths = pathsOf(service) ?? context.paths;
  const found = findRunningGateway(paths);
  if (state.runtime === "running") {
    const port = found.kind === "none" ? undefined : found.port;
    context.io.out(
      `Gateway service is running already: ${service.name}${port === undefined ? "" : ` on :${port}`}`,
    );
    return;
  }
  if (found.kind !== "none") throw takenBy(found);
  await restartService({ service, waitMs, verb: "start" }, context);
}

function takenBy(found: Exclude<FoundGateway, { kind: "none" }>): Fault {
  return new Fault(`a gateway runs here already (pid ${found.pid ?? "unknown"}), and it is not the service`, {
    why: "Two gateways cannot share a state folder: the service would not start.",
    fix: "openclaw gateway stop && openclaw gateway start",
  });
}

/** A machine on which a service cannot be had says so first. */
async function notInstalled(context: CommandContext): Promise<Fault> {
  const level = machineOf(context).uid === 0 ? "system" : "user";
  const refusal = await requireManager(level, context).then(
    () => undefined,
    (error: Fault) => error,
  );
  return new Fault("Gateway service disabled.", {
    lines: [
      ...(refusal ? [refusal.message] : ["Tip: openclaw gateway install      install it, and start it now"]),
      "Tip: openclaw restart             start it in the background",
      "Tip: openclaw start               start it in this terminal",
      "Tip: pm2 start openclaw -- start  keep it running with PM2",
      "Tip: openclaw doctor              what else may be wrong",
    ],
    fix: refusal ? "openclaw restart" : "openclaw gateway install",
  });
}
