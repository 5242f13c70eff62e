import type { Paths } from "../platform/paths.ts";
import type { InstalledService } from "../platform/service/installed.ts";
import { managerOf } from "../platform/service/own-service.ts";
import { pathsOf, pinnedPort, recordedVersion } from "../platform/service/recorded.ts";
import type { Observation } from "./finding.ts";

/** What a command on this machine would use, to be held against what the service was given. */
export interface CommandLineView {
  paths: Paths;
  version: string;
  /** Undefined where the config cannot be read. */
  port?: number;
  token?: string;
}

const PROXY = /^(https?|all)_proxy$/i;

/** Pure. What the service was given against what the command line uses. */
export function judgeDrift(service: InstalledService, cli: CommandLineView): Observation[] {
  return [
    ...judgePort(service, cli),
    ...judgeConfig(service, cli),
    ...judgeToken(service, cli),
    ...judgeProxy(service),
    ...judgeVersion(service, cli),
  ];
}

/** Of a definition that says nothing, nothing is said. */
function judgeVersion(service: InstalledService, { version }: CommandLineView): Observation[] {
  const written = recordedVersion(service);
  if (written === undefined || written === version) return [];
  return [
    {
      id: "service-version-drift",
      severity: "info",
      evidence: [`${service.file} was written by version ${written}, this is ${version}`],
      place: { file: service.file },
    },
  ];
}

function judgePort(service: InstalledService, { port }: CommandLineView): Observation[] {
  const pinned = pinnedPort(service);
  if (pinned === undefined || port === undefined || pinned === port) return [];
  return [
    {
      id: "service-port-drift",
      severity: "error",
      title: "Gateway service port does not match current gateway config",
      evidence: [`${service.file}: the service listens on ${pinned}`, `gateway.port is ${port}`],
      fix: `openclaw config set gateway.port ${pinned}`,
      place: { file: service.file },
    },
  ];
}

function judgeConfig(service: InstalledService, { paths }: CommandLineView): Observation[] {
  const its = pathsOf(service);
  if (!its || (its.configPath === paths.configPath && its.stateDir === paths.stateDir)) return [];
  const isState = its.stateDir !== paths.stateDir;
  return [
    {
      id: "service-config-drift",
      // A service of the machine may well be meant for an account of its own.
      severity: service.level === "user" ? "error" : "warning",
      evidence: [
        `Config (cli): ${paths.configPath}`,
        `Config (service): ${its.configPath}`,
        ...(isState ? [`State (cli): ${paths.stateDir}`, `State (service): ${its.stateDir}`] : []),
      ],
      ...advice(
        service,
        `Environment=OPENCLAW_STATE_DIR=${paths.stateDir} OPENCLAW_CONFIG_PATH=${paths.configPath}`,
      ),
      fix: editCommand(service),
      place: { file: service.file },
    },
  ];
}

/** Compared, never shown. */
function judgeToken(service: InstalledService, { token }: CommandLineView): Observation[] {
  const pinned = service.env.OPENCLAW_GATEWAY_TOKEN;
  if (!pinned || token === undefined || pinned === token) return [];
  return [
    {
      id: "service-token-drift",
      severity: "error",
      evidence: [`${service.file} pins an OPENCLAW_GATEWAY_TOKEN that is not the token commands use`],
      ...advice(service, "UnsetEnvironment=OPENCLAW_GATEWAY_TOKEN"),
      fix: editCommand(service),
      place: { file: service.file },
    },
  ];
}

function judgeProxy(service: InstalledService): Observation[] {
  const names = Object.keys(service.env).filter((name) => PROXY.test(name) && service.env[name] !== "");
  if (names.length === 0) return [];
  return [
    {
      id: "service-proxy-env",
      severity: "warning",
      evidence: [`${service.file} sets ${names.join(", ")}`],
      ...advice(service, `UnsetEnvironment=${names.join(" ")}`),
      fix: editCommand(service),
      place: { file: service.file },
    },
  ];
}

/** What to type into the editor that `editCommand` opens. */
export function advice({ manager }: InstalledService, line: string): { why?: string } {
  return manager === "systemd"
    ? { why: `The editor opens an addition to the unit. Its lines: [Service], then ${line}` }
    : {};
}

export function editCommand(service: InstalledService): string {
  return managerOf(service).words(service).edit;
}

export function disableCommand(service: InstalledService): string {
  return managerOf(service).words(service).disable;
}
