import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { basename, dirname, join, resolve, win32 } from "node:path";
import type { Env } from "../env.ts";
import { readGatewayCommand } from "../gateway-command.ts";
import type { Host } from "../host.ts";
import { parseLaunchdPlist } from "./launchd-plist.ts";
import { parseGatewayScript } from "./schtasks-text.ts";
import type { ServiceRef } from "./service-manager.ts";
import { parseEnvironmentFile, parseUnit } from "./systemd-unit.ts";

/** A definition by which a supervisor runs a gateway. */
export interface InstalledService extends ServiceRef {
  argv: readonly string[];
  /** All it is given, HOME included where that can be told. */
  env: Readonly<Record<string, string>>;
  /** Additions to the definition, which count more than what it says itself. */
  additions: readonly string[];
}

export interface InstalledInput {
  host: Host;
  env: Env;
  /** Also look into definitions whose name says nothing. */
  deep: boolean;
}

const NAMED = /^(openclaw|ai\.openclaw)[\w.@-]*\.(service|plist)$/;
const DEFINITION = /\.(service|plist)$/;

/** Definitions that run a gateway, as far as their files can be read. Asks no supervisor. */
export function installedServices({ host, env, deep }: InstalledInput): InstalledService[] {
  if (host.platform === "win32") return windowsServices(host, env);
  return foldersOf(host.platform, env).flatMap(({ folder, manager, level }) =>
    namesIn(folder)
      .filter((name) => (deep ? DEFINITION : NAMED).test(name))
      .flatMap((name): InstalledService[] => {
        const file = join(folder, name);
        // The second name of a unit is no second service.
        if (isAliasIn(folder, file)) return [];
        const job =
          manager === "systemd" ? readUnit(file, level, host, env) : readJob(file, level, host, env);
        return job && readGatewayCommand(job.argv) ? [{ manager, level, file, ...job }] : [];
      }),
  );
}

type Job = Pick<InstalledService, "name" | "argv" | "env" | "additions">;

function foldersOf(
  platform: NodeJS.Platform,
  { home, get }: Env,
): (Pick<InstalledService, "manager" | "level"> & { folder: string })[] {
  if (platform === "darwin") {
    return [
      { folder: join(home, "Library/LaunchAgents"), manager: "launchd", level: "user" },
      { folder: "/Library/LaunchDaemons", manager: "launchd", level: "system" },
    ];
  }
  const config = get("XDG_CONFIG_HOME") ?? join(home, ".config");
  return [
    { folder: join(config, "systemd/user"), manager: "systemd", level: "user" },
    { folder: "/etc/systemd/system", manager: "systemd", level: "system" },
  ];
}

function readUnit(
  file: string,
  level: InstalledService["level"],
  host: Host,
  { home }: Env,
): Job | undefined {
  const text = host.text(file);
  if (text === undefined) return undefined;
  const name = basename(file);
  const dropIns = namesIn(`${file}.d`).filter((each) => each.endsWith(".conf"));
  const texts = [text, ...dropIns.map((each) => host.text(join(`${file}.d`, each)) ?? "")];
  const account =
    level === "user" ? home : homeOf(parseUnit(texts, { home, unit: name }).user ?? "root", host);
  const unit = parseUnit(texts, { home: account ?? "/root", unit: name });
  const fromFiles = unit.environmentFiles.map(({ path }) => parseEnvironmentFile(host.text(path) ?? ""));
  const env: Record<string, string> = Object.assign(
    { ...(account !== undefined && { HOME: account }) },
    unit.env,
    ...fromFiles,
  );
  for (const word of unit.unsetEnvironment) delete env[word.split("=")[0]!];
  return { name, argv: unit.argv, env, additions: dropIns.map((each) => join(`${file}.d`, each)) };
}

function readJob(file: string, level: InstalledService["level"], host: Host, { home }: Env): Job | undefined {
  const job = parseLaunchdPlist(host.text(file) ?? "");
  if (!job) return undefined;
  const env = { ...(level === "user" && { HOME: home }), ...job.env };
  return { name: job.label, argv: job.argv, env, additions: [] };
}

/** Tasks cannot be read by everybody; what they run lies in the state folders of the account. */
function windowsServices(host: Host, { home, stateDir }: Env): InstalledService[] {
  const folders = namesIn(home)
    .filter((name) => /^\.openclaw(-[a-z0-9_-]+)?$/.test(name))
    .map((name) => win32.join(home, name));
  return [...new Set([...(stateDir === undefined ? [] : [stateDir]), ...folders])].flatMap(
    (folder): InstalledService[] => {
      const file = win32.join(folder, "service", "gateway.cmd");
      const script = parseGatewayScript(host.text(file) ?? "");
      if (!script) return [];
      const { profile = "default" } = readGatewayCommand(script.argv) ?? {};
      const name = `OpenClaw Gateway${profile === "default" ? "" : ` (${profile})`}`;
      const env = { HOME: home, ...script.env };
      return [{ manager: "schtasks", level: "user", name, file, argv: script.argv, env, additions: [] }];
    },
  );
}

function isAliasIn(folder: string, file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink() && dirname(resolve(folder, readlinkSync(file))) === folder;
  } catch {
    return false;
  }
}

function homeOf(user: string, host: Host): string | undefined {
  const row = (host.text("/etc/passwd") ?? "").split("\n").find((line) => line.startsWith(`${user}:`));
  return row?.split(":")[5];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
