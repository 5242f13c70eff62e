import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Env } from "./env.ts";
import { Fault } from "./fault.ts";
import { storageFault } from "./storage-fault.ts";

/** Every place on disk we use, absolute. Everything of ours lies in `dataDir`, `logsDir` and `pidFile`. */
export interface Paths {
  /** "default", a name, or "dev". */
  profile: string;
  stateDir: string;
  configPath: string;
  dataDir: string;
  logsDir: string;
  workspaceDir: string;
  pidFile: string;
  lockFile: string;
  tokenFile: string;
  sessionsDb: string;
  /** JSON lines about the last starts and how they ended; see `boot-ledger.ts`. */
  bootsFile: string;
}

/** Port of `--dev`, apart from the usual one so that both can run. */
export const DEV_PORT = 19001;

const PROFILE_NAME = /^[a-z0-9_-]{1,64}$/;

/** OPENCLAW_STATE_DIR and OPENCLAW_CONFIG_PATH win over the profile. Throws `Fault` (2) for a bad profile name. */
export function resolvePaths(env: Env, options: { profile?: string; dev?: boolean } = {}): Paths {
  const profile = profileName(env, options);
  const suffix = profile === "default" ? "" : `-${profile}`;
  const stateDir = absolute(env.stateDir ?? join(env.home, `.openclaw${suffix}`), env.home);
  const dataDir = join(stateDir, "data");
  return {
    profile,
    stateDir,
    configPath: absolute(env.configPath ?? join(stateDir, "openclaw.json"), env.home),
    dataDir,
    logsDir: join(stateDir, "logs"),
    workspaceDir: join(stateDir, "workspace"),
    pidFile: join(stateDir, "gateway.pid"),
    lockFile: join(dataDir, "gateway.lock"),
    tokenFile: join(dataDir, "gateway.token"),
    sessionsDb: join(dataDir, "sessions.sqlite"),
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
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      if (dir !== paths.stateDir) tighten(dir);
    } catch (error) {
      throw storageFault({ error, path: dir, ours: paths.stateDir }) ?? error;
    }
  }
}

function profileName(env: Env, { profile, dev }: { profile?: string; dev?: boolean }): string {
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
