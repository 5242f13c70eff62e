import { Fault } from "../platform/fault.ts";
import type { InstalledService } from "../platform/service/installed.ts";
import { type ServiceMachine, serviceMachine } from "../platform/service/machine.ts";
import {
  findOwnService,
  hasForeignSupervisor,
  managerHere,
  placeRefusal,
} from "../platform/service/own-service.ts";
import type { ServiceLevel, ServiceManager } from "../platform/service/service-manager.ts";
import type { CommandContext } from "./context.ts";

/** What commands about services share. The machine can be handed in. */
export type ServiceContext = Pick<CommandContext, "env" | "paths" | "io" | "verbose"> & {
  machine?: ServiceMachine;
};

export function machineOf({ env, machine }: ServiceContext): ServiceMachine {
  return machine ?? serviceMachine(env);
}

/** The service a restart or stop of this profile has to go by; undefined where none is ours to manage. */
export function managedService(context: ServiceContext): InstalledService | undefined {
  const machine = machineOf(context);
  if (hasForeignSupervisor(machine) || placeRefusal({ paths: context.paths, machine }) !== undefined)
    return undefined;
  return findOwnService(context.paths, machine);
}

/** Throws the Fault (1) of a machine, a place or a supervisor that is not for this command. */
export async function requireManager(
  level: ServiceLevel,
  context: ServiceContext,
): Promise<{ manager: ServiceManager; machine: ServiceMachine }> {
  const machine = machineOf(context);
  if (hasForeignSupervisor(machine)) {
    throw new Fault("service management skipped: another supervisor is in charge", {
      why: "OPENCLAW_SUPERVISOR_MODE=external says that something else keeps this gateway running.",
      fix: "unset OPENCLAW_SUPERVISOR_MODE",
    });
  }
  const manager = managerHere(machine);
  const refusal = manager
    ? await manager.refusal(level, machine)
    : `${machine.platform} has none that is known here`;
  if (!manager || refusal !== undefined)
    throw noManager(manager ? `${manager.id} says: ${refusal}` : refusal!, level, context);
  requireUsualPlaces(context, machine);
  return { manager, machine };
}

function requireUsualPlaces({ paths }: ServiceContext, machine: ServiceMachine): void {
  const refusal = placeRefusal({ paths, machine });
  if (refusal === undefined) return;
  throw new Fault(`service management skipped: non-default state dir or config path (${refusal})`, {
    why: "A service starts with the places of the account. A second gateway gets a profile, which has a folder and a service of its own; HOME, OPENCLAW_HOME, OPENCLAW_STATE_DIR and OPENCLAW_CONFIG_PATH stay unset.",
    fix: `env -u OPENCLAW_HOME -u OPENCLAW_STATE_DIR -u OPENCLAW_CONFIG_PATH HOME=${machine.accountHome} openclaw gateway install`,
  });
}

function noManager(refusal: string, level: ServiceLevel, { env }: ServiceContext): Fault {
  const noSession = level === "user" && /bus|XDG_RUNTIME_DIR/i.test(refusal) && !env.inContainer;
  return new Fault("No supported service manager detected", {
    lines: [
      ...(env.inContainer
        ? ["Tip: docker run --restart=unless-stopped …     the container's own supervisor keeps it running"]
        : []),
      ...(noSession
        ? ["Tip: sudo loginctl enable-linger $(whoami)     where systemd runs but knows no session of yours"]
        : []),
      "Tip: pm2 start openclaw -- start && pm2 save   keep it running with PM2",
      ...(env.inContainer
        ? []
        : ["Tip: docker run --restart=unless-stopped …     keep it running in a container"]),
      "Tip: openclaw restart                          in the background, until the next reboot",
    ],
    why: refusal,
    fix: "openclaw restart",
  });
}
