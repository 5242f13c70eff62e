import { rmSync } from "node:fs";
import { Fault } from "../platform/fault.ts";
import { managerOf } from "../platform/service/own-service.ts";
import { pathsOf } from "../platform/service/recorded.ts";
import { secretsFileOf } from "../platform/service/spec.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";
import { managedService, requireManager, type ServiceContext } from "./service-desk.ts";

export interface Uninstalled {
  service?: string;
  removed: string[];
  stateDir: string;
}

/** Stops the service and removes its definition and the keys it was given; config and state stay. */
export async function uninstallService(context: CommandContext & ServiceContext): Promise<Uninstalled> {
  await requireNewEnoughFor("uninstall the gateway service", context);
  const { paths } = context;
  const service = managedService(context);
  if (!service) {
    await requireManager("user", context).catch((error: unknown) => {
      if (!(error instanceof Fault) || error.message.startsWith("service management skipped")) throw error;
    });
    return { removed: [], stateDir: paths.stateDir };
  }
  const { machine } = await requireManager(service.level, context);
  const manager = managerOf(service);
  const files = [...(await manager.uninstall(service, machine)), secretsFileOf(pathsOf(service) ?? paths)];
  const removed = files.filter((file) => machine.host.text(file) !== undefined);
  for (const file of removed) rmSync(file, { force: true });
  await manager.reload(service, machine);
  return { service: service.name, removed, stateDir: paths.stateDir };
}
