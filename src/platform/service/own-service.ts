import { readEnv } from "../env.ts";
import type { Paths } from "../paths.ts";
import { resolvePaths } from "../paths.ts";
import { type InstalledService, installedServices } from "./installed.ts";
import type { ServiceMachine } from "./machine.ts";
import { MANAGERS } from "./managers.gen.ts";
import { pathsOf } from "./recorded.ts";
import type { ServiceLevel, ServiceManager } from "./service-manager.ts";

/** The supervisor of this system, or undefined where none is known. */
export function managerHere({ platform }: Pick<ServiceMachine, "platform">): ServiceManager | undefined {
  return MANAGERS.find(({ platforms }) => platforms.includes(platform));
}

export function managerOf({ manager }: Pick<InstalledService, "manager">): ServiceManager {
  return MANAGERS.find(({ id }) => id === manager)!;
}

/**
 * The installed service of a profile. That of the account is known by its name; one of the machine may be somebody
 * else's, so it has to use the same state folder. The second names are those of units written by hand.
 */
export function ownService(
  services: readonly InstalledService[],
  paths: Pick<Paths, "profile" | "stateDir">,
  machine: ServiceMachine,
): InstalledService | undefined {
  const manager = managerHere(machine);
  if (!manager) return undefined;
  const named = (level: ServiceLevel) => {
    const { name } = manager.ref(paths.profile, level, machine);
    const names = [name, name.replace(/^openclaw-gateway/, "openclaw")];
    return services
      .filter((each) => each.level === level && names.includes(each.name))
      .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  };
  return named("user")[0] ?? named("system").find((service) => pathsOf(service)?.stateDir === paths.stateDir);
}

export function findOwnService(paths: Paths, machine: ServiceMachine): InstalledService | undefined {
  const { host, env } = machine;
  return ownService(installedServices({ host, env, deep: false }), paths, machine);
}

/**
 * Why this command must leave services alone, or undefined. A service is started by the supervisor with the places of
 * the account: a command with other ones (from cron, with sudo, in a test) would manage a stranger's.
 */
export function placeRefusal({
  paths,
  machine,
}: {
  paths: Paths;
  machine: ServiceMachine;
}): string | undefined {
  const { accountHome, env } = machine;
  if (env.home !== accountHome)
    return `the home folder here is ${env.home}, that of the account is ${accountHome}`;
  const usual = resolvePaths(readEnv({ HOME: accountHome, OPENCLAW_IN_CONTAINER: "0" }), {
    profile: paths.profile,
  });
  if (paths.stateDir !== usual.stateDir)
    return `the state folder here is ${paths.stateDir}, not ${usual.stateDir}`;
  if (paths.configPath !== usual.configPath)
    return `the config here is ${paths.configPath}, not ${usual.configPath}`;
  return undefined;
}

/** Somebody else keeps the gateway running, and said so. */
export function hasForeignSupervisor({ env }: ServiceMachine): boolean {
  return env.get("OPENCLAW_SUPERVISOR_MODE") === "external";
}
