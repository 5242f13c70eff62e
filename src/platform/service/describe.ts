import { shownCommand } from "../gateway-command.ts";
import type { Paths } from "../paths.ts";
import { type InstalledService, installedServices } from "./installed.ts";
import type { ServiceMachine } from "./machine.ts";
import { managerHere, managerOf, ownService } from "./own-service.ts";
import { nodeAndScript } from "./program.ts";
import { pathsOf, pinnedPort, recordedVersion } from "./recorded.ts";
import type { ServiceRef, ServiceState } from "./service-manager.ts";

/** An installed service with what its definition records and what its supervisor says. */
export interface DescribedService {
  service: ServiceRef & Pick<InstalledService, "additions">;
  /** For people, without secrets; so nothing of its variables is in here but what follows. */
  command: string;
  /** It is the one of this profile. */
  own: boolean;
  state: ServiceState;
  port?: number;
  node?: string;
  configPath?: string;
  stateDir?: string;
  profile?: string;
  version?: string;
  /** What does not fit the command line, one line each. */
  problems: string[];
}

export interface DescribeInput {
  machine: ServiceMachine;
  paths: Paths;
  /** By the config; undefined where that cannot be read. */
  port?: number;
  /** Of this program. */
  version: string;
  deep: boolean;
}

export interface DescribedServices {
  /** Undefined on a system without a supervisor we know. */
  manager?: { id: string; refusal?: string };
  services: DescribedService[];
}

/** All services of this machine that run a gateway, that of this profile first. Changes nothing, never throws. */
export async function describeServices(input: DescribeInput): Promise<DescribedServices> {
  const { machine, paths, deep } = input;
  const { host, env } = machine;
  const manager = managerHere(machine);
  const found = installedServices({ host, env, deep });
  const own = ownService(found, paths, machine);
  const ordered = own ? [own, ...found.filter((each) => each !== own)] : found;
  const [refusal, services] = await Promise.all([
    manager?.refusal(machine.uid === 0 ? "system" : "user", machine),
    Promise.all(ordered.map((service) => describe(service, service === own, input))),
  ]);
  return {
    ...(manager && { manager: { id: manager.id, ...(refusal !== undefined && { refusal }) } }),
    services,
  };
}

async function describe(
  service: InstalledService,
  own: boolean,
  input: DescribeInput,
): Promise<DescribedService> {
  const { manager, level, name, file, additions } = service;
  const its = pathsOf(service);
  const port = pinnedPort(service);
  const version = recordedVersion(service);
  const { node } = nodeAndScript(service.argv);
  return {
    service: { manager, level, name, file, additions },
    ...{ command: shownCommand(service.argv), own },
    state: await managerOf(service).state(service, input.machine),
    ...(port !== undefined && { port }),
    ...(node !== undefined && { node }),
    ...(its && { configPath: its.configPath, stateDir: its.stateDir, profile: its.profile }),
    ...(version !== undefined && { version }),
    problems: own ? problemsOf({ port, version, its }, input) : [],
  };
}

interface Recorded {
  port: number | undefined;
  version: string | undefined;
  its: Paths | undefined;
}

/** Pure. The first words are those people search for. */
export function problemsOf(
  { port, version, its }: Recorded,
  cli: Omit<DescribeInput, "machine" | "deep">,
): string[] {
  const found: string[] = [];
  if (port !== undefined && cli.port !== undefined && port !== cli.port)
    found.push(
      `Gateway service port does not match current gateway config: the service listens on ${port}, gateway.port is ${cli.port}`,
    );
  if (its && its.configPath !== cli.paths.configPath)
    found.push(`The service uses another config: ${its.configPath}, here it is ${cli.paths.configPath}`);
  if (its && its.stateDir !== cli.paths.stateDir)
    found.push(`The service uses another state folder: ${its.stateDir}, here it is ${cli.paths.stateDir}`);
  if (version !== undefined && version !== cli.version)
    found.push(`The service was written by version ${version}, this is ${cli.version}`);
  return found;
}
