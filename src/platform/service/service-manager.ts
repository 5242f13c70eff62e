import type { ServiceMachine } from "./machine.ts";

export type ManagerId = "systemd" | "launchd" | "schtasks";
/** `user`: of one account. `system`: of the machine. */
export type ServiceLevel = "user" | "system";

/** Enough to speak with a supervisor about one service. */
export interface ServiceRef {
  manager: ManagerId;
  level: ServiceLevel;
  /** As the supervisor calls it: `openclaw-gateway.service`, `ai.openclaw.gateway`, `OpenClaw Gateway`. */
  name: string;
  /** Its definition. */
  file: string;
}

/** What is to be installed. */
export interface ServiceSpec {
  ref: ServiceRef;
  profile: string;
  description: string;
  /** Program and arguments, absolute. */
  argv: readonly string[];
  /** Nothing secret. */
  env: Readonly<Record<string, string>>;
  /** Secrets, in a file that only the account reads. */
  secrets: Readonly<Record<string, string>>;
  secretsFile: string;
  /** Of a service of the machine: the account it runs as. */
  user?: string;
  /** Where output goes when the supervisor has no journal of its own. */
  logFile: string;
}

export interface DefinitionFile {
  path: string;
  content: string | Uint8Array;
  mode: number;
}

/** What the supervisor says about a service right now. */
export interface ServiceState {
  /** The supervisor knows it. */
  loaded: boolean;
  /** It starts by itself; undefined where the supervisor does not say. */
  enabled?: boolean;
  runtime: "running" | "starting" | "stopped" | "failed" | "unknown";
  pid?: number;
  /** Of its last run, where that has ended. */
  exitCode?: number;
  signal?: string;
  /** In the supervisor's own words, one line. */
  detail?: string;
}

/** Commands for a person. */
export interface ServiceWords {
  status: string;
  logs: string;
  edit: string;
  disable: string;
}

/**
 * A supervisor that can keep a gateway running. Everything it does to the machine goes by `machine.run`; files are
 * written by the caller, so that they can be shown, saved and taken back.
 * `install`, `start`, `stop`, `restart` and `uninstall` throw a `Fault` with the supervisor's own words.
 */
export interface ServiceManager {
  id: ManagerId;
  platforms: readonly NodeJS.Platform[];
  /** Name and place of the service of a profile. */
  ref(profile: string, level: ServiceLevel, machine: ServiceMachine): ServiceRef;
  /** Why it cannot be used here, or undefined. */
  refusal(level: ServiceLevel, machine: ServiceMachine): Promise<string | undefined>;
  /** Writes nothing. The definition comes first. */
  files(spec: ServiceSpec): DefinitionFile[];
  /** After the files were written: makes them known, lets the service start by itself, and starts it now. */
  install(ref: ServiceRef, machine: ServiceMachine): Promise<void>;
  /** After the files were changed: makes them known, and leaves what runs alone. */
  reload(ref: ServiceRef, machine: ServiceMachine): Promise<void>;
  start(ref: ServiceRef, machine: ServiceMachine): Promise<void>;
  /** `disable`: it does not come back with the next boot or login either. */
  stop(ref: ServiceRef, machine: ServiceMachine, options: { disable: boolean }): Promise<void>;
  /** One operation: there is no moment at which a supervisor holds it for stopped. */
  restart(ref: ServiceRef, machine: ServiceMachine): Promise<void>;
  /** Stops it and makes it forgotten; returns the files that are left to be removed. */
  uninstall(ref: ServiceRef, machine: ServiceMachine): Promise<string[]>;
  state(ref: ServiceRef, machine: ServiceMachine): Promise<ServiceState>;
  words(ref: ServiceRef): ServiceWords;
}

export function defineServiceManager(manager: ServiceManager): ServiceManager {
  return manager;
}
