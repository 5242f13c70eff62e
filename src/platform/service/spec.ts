import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Paths } from "../paths.ts";
import type { InstalledService } from "./installed.ts";
import type { ServiceMachine } from "./machine.ts";
import { VERSION_VARIABLE } from "./recorded.ts";
import type { ServiceLevel, ServiceManager, ServiceSpec } from "./service-manager.ts";
import { parseEnvironmentFile } from "./systemd-unit.ts";

export interface SpecInput {
  manager: ServiceManager;
  level: ServiceLevel;
  machine: ServiceMachine;
  paths: Paths;
  /** Where the gateway is to listen. */
  port: number;
  /** Of this program. */
  version: string;
  program: Program;
  /** Variables the config refers to; they are kept as secrets, whatever they hold. */
  referred?: readonly string[];
  /** The one to be written anew: what it was given is kept. */
  installed?: Pick<InstalledService, "env">;
  /** The gateway's token of now; a kept one that differs is dropped. */
  acceptedToken?: string;
}

/** What a service starts, in front of `gateway run`. */
export interface Program {
  /** As this very command was started. */
  node: string;
  launcher: string;
  /** Instead of both (OPENCLAW_WRAPPER). */
  wrapper?: string;
}

/** The service of a profile as this program would install it now. */
export function serviceSpec(input: SpecInput): ServiceSpec {
  const { manager, level, machine, paths, port, version, program } = input;
  const { profile } = paths;
  const { node, launcher, wrapper } = program;
  const account = level === "system" ? ownerOf(paths.stateDir, machine) : undefined;
  const user = machine.platform === "win32" ? machine.user : account;
  return {
    ref: manager.ref(profile, level, machine),
    profile,
    description: `OpenClaw Gateway${profile === "default" ? "" : ` (${profile})`}`,
    argv: [
      // Without Node's handler for WebAssembly a segmentation fault leaves a line in the kernel's log.
      ...(wrapper === undefined ? [node, "--disable-wasm-trap-handler", launcher] : [wrapper]),
      ...(profile === "default" ? [] : ["--profile", profile]),
      ...["gateway", "run", "--port", String(port)],
    ],
    env: {
      OPENCLAW_STATE_DIR: paths.stateDir,
      OPENCLAW_CONFIG_PATH: paths.configPath,
      [VERSION_VARIABLE]: version,
      ...(machine.platform !== "win32" && { PATH: searchPath(node, machine) }),
    },
    secrets: secretsOf(input),
    secretsFile: secretsFileOf(paths),
    logFile: join(paths.logsDir, "service.log"),
    ...(user !== undefined && { user }),
  };
}

export function secretsFileOf({ dataDir }: Paths): string {
  return join(dataDir, "service.env");
}

/** The folders of this Node and of the usual programs; a supervisor's own PATH knows hardly any. */
function searchPath(node: string, { platform, env, accountHome }: ServiceMachine): string {
  const homes = [env.home, accountHome].flatMap((home) => [join(home, ".local/bin"), join(home, "bin")]);
  const folders = [
    ...[dirname(node), ...homes.filter((folder) => existsSync(folder))],
    ...(platform === "darwin" ? ["/opt/homebrew/bin"] : []),
    ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
  ];
  return [...new Set(folders)].join(":");
}

const GATEWAY_SECRET = /^OPENCLAW_GATEWAY_(TOKEN|PASSWORD)$/;
const PROVIDER_SECRET = /^[A-Z][A-Z0-9_]*_(API_KEY|BOT_TOKEN|APP_TOKEN)$/;

/**
 * Keys that are set now, and those an earlier installation has kept: whoever installs again may have another shell.
 * A token of the gateway that is not the one of now does not stay behind.
 */
function secretsOf(input: SpecInput): Record<string, string> {
  const { machine, paths, referred = [], installed, acceptedToken } = input;
  const fromFile = Object.entries(parseEnvironmentFile(machine.host.text(secretsFileOf(paths)) ?? ""));
  const fromBefore = Object.entries(installed?.env ?? {}).filter(([name]) => isSecret(name, referred));
  const kept = [...fromFile, ...fromBefore].filter(
    ([name, value]) => !GATEWAY_SECRET.test(name) || (installed && value === acceptedToken),
  );
  const now = Object.entries(machine.env.variables()).filter(
    (pair): pair is [string, string] => Boolean(pair[1]) && isSecret(pair[0], referred),
  );
  // A line feed would end the line of the file it is kept in.
  return Object.fromEntries([...kept, ...now].filter(([, value]) => !/[\0\r\n]/.test(value)));
}

function isSecret(name: string, referred: readonly string[]): boolean {
  if (referred.includes(name)) return name !== "PATH" && name !== "HOME";
  return GATEWAY_SECRET.test(name) || PROVIDER_SECRET.test(name);
}

/** A service of the machine runs as whoever owns the state. */
function ownerOf(stateDir: string, { host, user }: ServiceMachine): string {
  let uid: number;
  try {
    ({ uid } = statSync(stateDir));
  } catch {
    return user;
  }
  const rows = (host.text("/etc/passwd") ?? "").split("\n").map((line) => line.split(":"));
  return rows.find((row) => row[2] === String(uid))?.[0] ?? user;
}

/** Names of the variables a config text refers to as `${NAME}`. Pure. */
export function referredVariables(configText: string): string[] {
  return [...configText.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name!);
}
