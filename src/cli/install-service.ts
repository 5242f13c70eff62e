import { chownSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { mainPort } from "../access/bind.ts";
import { readConfigFile } from "../config/read-file.ts";
import { readBoots } from "../platform/boot-ledger.ts";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { writeFileAtomic } from "../platform/files.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import { type InstalledService, installedServices } from "../platform/service/installed.ts";
import type { ServiceMachine } from "../platform/service/machine.ts";
import { managerOf, ownService } from "../platform/service/own-service.ts";
import type {
  DefinitionFile,
  ServiceLevel,
  ServiceManager,
  ServiceRef,
} from "../platform/service/service-manager.ts";
import { referredVariables, serviceSpec } from "../platform/service/spec.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { awaitService } from "./await-service.ts";
import type { CommandContext } from "./context.ts";
import { requireNewEnoughFor } from "./newer-config.ts";
import { requireStartable } from "./require-startable.ts";
import { machineOf, requireManager, type ServiceContext } from "./service-desk.ts";
import { stopRunningGateway } from "./stop-gateway.ts";

export interface InstallOptions {
  port?: number;
  /** Rewrite one that is there. */
  force: boolean;
  /** A service of the machine; as root always. */
  system: boolean;
  wrapper?: string;
  waitMs: number;
}

/** Installs the service of this profile, starts it and waits until it is ready; takes over from a gateway that runs. */
export async function installService(
  options: InstallOptions,
  context: CommandContext & ServiceContext,
): Promise<void> {
  await requireNewEnoughFor("install the gateway service", context);
  const { paths, env, io } = context;
  const level = levelFor(options, machineOf(context));
  const { manager, machine } = await requireManager(level, context);
  const { config } = await context.config();
  const port = options.port ?? env.gateway.port ?? mainPort(config, paths);
  const spec = serviceSpec({
    ...{ manager, level, machine, paths, port, version: PRODUCT_VERSION },
    program: programHere(options.wrapper ?? env.get("OPENCLAW_WRAPPER")),
    referred: referredVariables(readConfigFile(paths.configPath, paths.stateDir) ?? ""),
  });
  const found = installedServices({ host: machine.host, env, deep: false });
  requireNoRival(found, spec.ref, context);
  const own = found.find(({ file }) => file === spec.ref.file);
  if (own && !options.force) return await sayInstalled(own, manager, machine, context);

  const serviceEnv = readEnv({ ...machine.env.variables(), ...spec.env, ...spec.secrets });
  await requireStartable({ env: serviceEnv, paths, verbose: context.verbose, port });
  await takeOver(own, machine, context);
  const known = readBoots(paths);
  writeDefinition(manager.files(spec), paths, machine);
  await manager.install(spec.ref, machine);
  io.out(`Gateway service installed: ${spec.ref.name}`);
  io.out(`Definition: ${spec.ref.file}`);
  await awaitService({ ref: spec.ref, manager, machine, paths, known, waitMs: options.waitMs }, context);
  if (mainPort(config, paths) !== port)
    io.note(
      `notice: the config says port ${mainPort(config, paths)}; to have both agree: openclaw config set gateway.port ${port}`,
    );
  if (spec.user === "root")
    io.note("notice: it runs as root, and so do the tools of its agents; as your own account: without sudo");
  if (OF_A_VERSION_MANAGER.test(spec.argv[0]!))
    io.note(`notice: it uses ${spec.argv[0]}; when that version is removed: openclaw doctor --fix`);
  await sayHowItLasts(spec.ref, manager, machine, context);
}

/** Their folders carry the version, and go with it. */
const OF_A_VERSION_MANAGER = /[/\\](\.nvm|\.volta|\.asdf|\.nodenv|n|fnm|mise)[/\\].*\d+\.\d+\.\d+/;

function levelFor({ system }: InstallOptions, { uid, platform }: ServiceMachine): ServiceLevel {
  if (system && uid !== undefined && uid !== 0) {
    throw new Fault("a service of the machine can be installed by root only", {
      why: "For your account alone no rights are needed: openclaw gateway install",
      fix: "sudo openclaw gateway install --system",
    });
  }
  // Root has no session that a service of the account could live in.
  return system || (uid === 0 && platform === "linux") ? "system" : "user";
}

function programHere(wrapper: string | undefined) {
  const program = { node: process.execPath, launcher: process.argv[1]! };
  return wrapper === undefined ? program : { ...program, wrapper };
}

/** One at the other level for the same state folder would start the same gateway. */
function requireNoRival(found: readonly InstalledService[], ref: ServiceRef, context: ServiceContext): void {
  const machine = machineOf(context);
  const others = found.filter(({ level, file }) => level !== ref.level && file !== ref.file);
  const rival = ownService(others, context.paths, machine);
  if (!rival) return;
  throw new Fault(`another service runs this gateway already: ${rival.file}`, {
    why: "Two supervisors would start the same gateway in turns.",
    fix: managerOf(rival).words(rival).disable,
  });
}

async function sayInstalled(
  own: InstalledService,
  manager: ServiceManager,
  machine: ServiceMachine,
  { io }: ServiceContext,
): Promise<void> {
  const { runtime } = await manager.state(own, machine);
  io.out(`Gateway service is installed already: ${own.name} (${runtime})`);
  io.out(`Definition: ${own.file}`);
  if (runtime !== "running") io.out("Start it: openclaw gateway start");
  io.out("Write it anew: openclaw gateway install --force");
}

/** A gateway that runs on its own would keep the state folder from the service. */
async function takeOver(
  own: InstalledService | undefined,
  machine: ServiceMachine,
  context: ServiceContext,
): Promise<void> {
  if (own && (await managerOf(own).state(own, machine)).runtime === "running") return;
  const stopped = await stopRunningGateway(findRunningGateway(context.paths), context.paths);
  if (stopped.running) context.io.out(`The gateway that ran here was stopped: ${stopped.pid}.`);
}

function writeDefinition(files: readonly DefinitionFile[], paths: Paths, { uid }: ServiceMachine): void {
  ensureStateDirs(paths);
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(path, content, { mode });
  }
  if (uid !== 0) return;
  // What root makes in the folder of another account has to be that account's.
  const owner = statSync(paths.stateDir);
  const ours = files.map(({ path }) => path).filter((path) => path.startsWith(`${paths.stateDir}/`));
  for (const path of [paths.dataDir, paths.logsDir, ...ours]) chownSync(path, owner.uid, owner.gid);
}

async function sayHowItLasts(
  ref: ServiceRef,
  manager: ServiceManager,
  machine: ServiceMachine,
  { io }: ServiceContext,
): Promise<void> {
  if (ref.manager === "systemd" && ref.level === "user") {
    const { exitCode, output } = await machine.run("loginctl", [
      "show-user",
      machine.user,
      "--property=Linger",
    ]);
    if (exitCode !== 0 || !output.includes("Linger=yes"))
      io.out(
        `To keep it running without a login, and after a reboot: sudo loginctl enable-linger ${machine.user}`,
      );
  }
  io.out(`Look at it: ${manager.words(ref).status}`);
}
