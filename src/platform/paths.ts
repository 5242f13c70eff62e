import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Env } from "./env.ts";
import { Fault } from "./fault.ts";
import { isMountPoint, type Mount, readMounts } from "./mounts.ts";
import { storageFault } from "./storage-fault.ts";

/** Every place on disk we use, absolute. Everything of ours lies in `dataDir`, `logsDir` and `pidFile`. */
export interface Paths {
  /** "default", a name, or "dev". */
  profile: string;
  stateDir: string;
  /** What the choice of the state folder rests on; a volume only in a container. */
  stateDirFrom: "environment" | "volume" | "home";
  configPath: string;
  dataDir: string;
  logsDir: string;
  workspaceDir: string;
  pidFile: string;
  lockFile: string;
  tokenFile: string;
  sessionsDb: string;
  devicesDb: string;
  /** People who may write to the bot in chats, and those who wait. */
  sendersDb: string;
  /** Unix socket of the running gateway, for the owner's commands on this machine. */
  ownerSocket: string;
  /** Identity and device tokens of this user's own commands. */
  ownDeviceFile: string;
  /** Certificate and key that the gateway made for itself. */
  tlsDir: string;
  /** JSON lines about the last starts and how they ended; see `boot-ledger.ts`. */
  bootsFile: string;
}

/** Port of `--dev`, apart from the usual one so that both can run. */
export const DEV_PORT = 19001;

const PROFILE_NAME = /^[a-z0-9_-]{1,64}$/;

/** Where images of the guides have their volume (behaviour.md R19), in this order. */
export const CONTAINER_VOLUMES = ["/app/data", "/data"] as const;

export interface PathOptions {
  profile?: string;
  dev?: boolean;
  /** Asked in a container only. */
  mounts?: () => readonly Mount[];
}

/**
 * OPENCLAW_STATE_DIR and OPENCLAW_CONFIG_PATH win over the profile. In a container the state folder of the default
 * profile is the volume, if there is one: every process of the container finds the same one by itself.
 * Throws `Fault` (2) for a bad profile name.
 */
export function resolvePaths(env: Env, options: PathOptions = {}): Paths {
  const profile = profileName(env, options);
  const suffix = profile === "default" ? "" : `-${profile}`;
  const volume =
    env.inContainer && env.stateDir === undefined && profile === "default" ? findVolume(options) : undefined;
  const stateDir = absolute(env.stateDir ?? volume ?? join(env.home, `.openclaw${suffix}`), env.home);
  const dataDir = join(stateDir, "data");
  return {
    profile,
    stateDir,
    stateDirFrom: env.stateDir !== undefined ? "environment" : volume !== undefined ? "volume" : "home",
    configPath: absolute(env.configPath ?? join(stateDir, "openclaw.json"), env.home),
    dataDir,
    logsDir: join(stateDir, "logs"),
    workspaceDir: join(stateDir, "workspace"),
    pidFile: join(stateDir, "gateway.pid"),
    lockFile: join(dataDir, "gateway.lock"),
    tokenFile: join(dataDir, "gateway.token"),
    sessionsDb: join(dataDir, "sessions.sqlite"),
    devicesDb: join(dataDir, "devices.sqlite"),
    sendersDb: join(dataDir, "senders.sqlite"),
    ownerSocket: join(dataDir, "gateway.sock"),
    ownDeviceFile: join(dataDir, "own-device.json"),
    tlsDir: join(dataDir, "tls"),
    bootsFile: join(dataDir, "boots.jsonl"),
  };
}

/**
 * Makes the state, data and log folders, 0700. Existing data and log folders of ours are tightened to 0700;
 * the state folder may be shared with others and keeps its mode.
 * Throws `Fault` 75 (disk full or read-only) or 78 (no rights) that names path, user, owner and the fix.
 */
export function ensureStateDirs(paths: Paths): void {
  for (const dir of [paths.stateDir, paths.dataDir, paths.logsDir]) {
    try {
      makeFolder(dir);
      if (dir !== paths.stateDir) tighten(dir);
    } catch (error) {
      throw storageFault({ error, path: dir, ours: paths.stateDir }) ?? error;
    }
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    // On a read-only file system Node says that the parent, which is there, is not; the plain call says what is the matter.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") mkdirSync(dir, { mode: 0o700 });
    throw error;
  }
}

function findVolume({ mounts = readMounts }: PathOptions): string | undefined {
  const found = mounts();
  return CONTAINER_VOLUMES.find((path) => isMountPoint(path, found));
}

function profileName(env: Env, { profile, dev }: PathOptions): string {
  if (dev && profile !== undefined && profile !== "dev") {
    throw new Fault(`--dev and --profile ${profile} name two different profiles`, {
      fix: "openclaw --dev status",
      exitCode: 2,
    });
  }
  const name = dev ? "dev" : (profile ?? env.profile ?? "default");
  if (PROFILE_NAME.test(name)) return name;
  throw new Fault(`"${name.slice(0, 80)}" is not a profile name`, {
    why: "A profile name has 1 to 64 characters out of a-z, 0-9, _ and -.",
    fix: "openclaw --profile work status",
    exitCode: 2,
  });
}

function absolute(path: string, home: string): string {
  return resolve(path.replace(/^~(?=$|[/\\])/, () => home));
}

function tighten(dir: string): void {
  const { uid, mode } = statSync(dir);
  if (uid === process.getuid?.() && (mode & 0o777) !== 0o700) chmodSync(dir, 0o700);
}
