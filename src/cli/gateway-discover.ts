import { readdirSync } from "node:fs";
import { type Env, readEnv } from "../platform/env.ts";
import { readGatewayCommand } from "../platform/gateway-command.ts";
import { systemHost } from "../platform/host.ts";
import { DEV_PORT, type Paths, resolvePaths } from "../platform/paths.ts";
import { ownProcesses } from "../platform/processes.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import { installedServices } from "../platform/service/installed.ts";
import { pathsOf, pinnedPort } from "../platform/service/recorded.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import type { CommandContext } from "./context.ts";
import { askHttp, type StartupState, startupState } from "./startup-probe.ts";
import { localTarget } from "./target.ts";

/** A place where a gateway is, or is to be. */
export interface FoundPlace {
  url: string;
  host: string;
  port: number;
  /** What says so: "profile work", "process 4711", a unit, a key of the config. */
  from: string[];
  stateDir?: string;
  pid?: number;
  /** What is there when it is asked, without credentials. */
  state: StartupState;
}

type Place = Omit<FoundPlace, "state">;

/** More places than that are no longer a person's machine. */
const MAX_PLACES = 64;

/**
 * Gateways this machine knows of: profiles, processes and services of this user, and `gateway.remote`. Nothing is
 * searched for in the network: gateways do not announce themselves.
 */
export async function discoverGateways(context: CommandContext, timeoutMs: number): Promise<FoundPlace[]> {
  const places = merged([
    ...(await profilePlaces(context)),
    ...processPlaces(),
    ...servicePlaces(context.env),
    ...(await remotePlaces(context)),
  ]).slice(0, MAX_PLACES);
  return await Promise.all(
    places.map(async (place) => ({
      ...place,
      state: startupState(await askHttp(place, "/startupz", timeoutMs)),
    })),
  );
}

async function profilePlaces({ env, paths }: CommandContext): Promise<Place[]> {
  const { stateDir: _s, configPath: _c, profile: _p, ...rest } = env;
  // What the environment says is meant for this folder alone.
  const usual: Env = { ...rest, gateway: { extraPorts: [] } };
  const others = profileNames(env.home)
    .map((profile) => resolvePaths(usual, { profile }))
    .filter(({ stateDir }) => stateDir !== paths.stateDir);
  return await Promise.all([
    placeOf(paths, env, "this state folder"),
    ...others.map((each) => placeOf(each, usual, `profile ${each.profile}`)),
  ]);
}

/** `~/.openclaw` and `~/.openclaw-<name>`. */
function profileNames(home: string): string[] {
  try {
    return readdirSync(home).flatMap((name) => {
      const [, profile] = /^\.openclaw(?:-([a-z0-9_-]{1,64}))?$/.exec(name) ?? [];
      return name === ".openclaw" ? ["default"] : profile === undefined ? [] : [profile];
    });
  } catch {
    return [];
  }
}

/** Of a config that cannot be read nothing is known but what a running gateway has written down. */
async function placeOf(paths: Paths, env: Env, from: string): Promise<Place> {
  const { checkConfig } = await import("../config/load.ts");
  const checked = await checkConfig({ paths, env, purpose: "look" });
  const config = checked.ok ? checked.loaded.config : {};
  const running = findRunningGateway(paths);
  const { pid, port: runningPort } = running.kind === "none" ? { pid: undefined, port: undefined } : running;
  // Nobody is shown a secret, so none is looked for.
  const known = { flags: {}, env, paths, config, runningPort, savedToken: undefined };
  const { url, host, port } = localTarget(known);
  return { url, host, port, from: [from], stateDir: paths.stateDir, ...(pid !== undefined && { pid }) };
}

function processPlaces(): Place[] {
  return ownProcesses().flatMap(({ pid, argv, env }): Place[] => {
    const command = readGatewayCommand(argv);
    if (!command) return [];
    const paths = pathsOf({ argv, env });
    const running = paths && findRunningGateway(paths);
    // A launcher that has handed over to another process holds nothing; another implementation has no lock of ours.
    if (running && running.kind !== "none" && running.pid !== pid) return [];
    const holds = running?.kind === "none" ? undefined : running?.port;
    const usual = paths?.profile === "dev" ? DEV_PORT : DEFAULT_PORT;
    const port = holds ?? command.port ?? portIn(env) ?? usual;
    return [{ ...loopback(port), from: [`process ${pid}`], pid, ...(paths && { stateDir: paths.stateDir }) }];
  });
}

function portIn(env: Readonly<Record<string, string>>): number | undefined {
  try {
    return readEnv({ ...env }).gateway.port;
  } catch {
    return undefined;
  }
}

function servicePlaces(env: Env): Place[] {
  const services = installedServices({ host: systemHost(env), env, deep: true });
  return services.flatMap((service): Place[] => {
    const port = pinnedPort(service);
    const stateDir = pathsOf(service)?.stateDir;
    if (port === undefined) return [];
    return [{ ...loopback(port), from: [`service ${service.name}`], ...(stateDir && { stateDir }) }];
  });
}

async function remotePlaces({ env, paths }: CommandContext): Promise<Place[]> {
  const { checkConfig } = await import("../config/load.ts");
  const checked = await checkConfig({ paths, env, purpose: "look" });
  if (!checked.ok) return [];
  const text = checked.loaded.config.gateway?.remote?.url ?? "";
  const url = URL.parse(text.replace(/^http/, "ws"));
  if (!url || !/^wss?:$/.test(url.protocol)) return [];
  const port = Number(url.port) || (url.protocol === "wss:" ? 443 : 80);
  return [{ url: `${url.protocol}//${url.host}`, host: url.hostname, port, from: ["gateway.remote.url"] }];
}

function loopback(port: number): Pick<Place, "url" | "host" | "port"> {
  return { url: `ws://127.0.0.1:${port}`, host: "127.0.0.1", port };
}

/** One line for each address, with everything that leads there. */
function merged(places: readonly Place[]): Place[] {
  const byAddress = new Map<string, Place>();
  for (const place of places) {
    const key = `${place.host.replace(/^(localhost|\[::1\])$/, "127.0.0.1")}:${place.port}`;
    const known = byAddress.get(key);
    if (!known) byAddress.set(key, place);
    else byAddress.set(key, { ...place, ...known, from: [...new Set([...known.from, ...place.from])] });
  }
  return [...byAddress.values()];
}
