import { networkInterfaces } from "node:os";
import { readListenAddress } from "../config/listen.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { isLoopback } from "../platform/network.ts";
import { DEV_PORT, type Paths } from "../platform/paths.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";

export interface Bind {
  mode: string;
  /** Undefined: every address of this machine. */
  host: string | undefined;
  loopbackOnly: boolean;
}

export interface BindFacts {
  inContainer: boolean;
  /** A token or password protects it: one that exists already, or the token this start makes. */
  hasSecret: boolean;
}

/**
 * `--bind` → `gateway.bind` → auto in a container → loopback. `auto` reaches beyond a container's loopback only
 * when a secret protects it.
 */
export function resolveBind(wanted: string | undefined, config: Config, facts: BindFacts): Bind {
  const mode = wanted ?? config.gateway?.bind ?? (facts.inContainer ? "auto" : "loopback");
  switch (mode) {
    case "loopback":
      return loopback(mode);
    case "auto":
      return facts.inContainer && facts.hasSecret ? everywhere(mode) : loopback(mode);
    case "lan":
      return everywhere(mode);
    case "tailnet":
      return { mode, host: tailnetAddress(), loopbackOnly: false };
    case "custom":
      return custom(config.gateway?.customBindHost);
    default: {
      const address = readListenAddress(mode);
      if (address) return resolveBind(address.bind, { gateway: address }, facts);
      throw new Fault(`unknown bind "${mode}"`, {
        why: "it is one of: loopback, lan, tailnet, auto, custom",
        fix: "openclaw config set gateway.bind loopback",
        exitCode: 78,
      });
    }
  }
}

function loopback(mode: string): Bind {
  return { mode, host: "127.0.0.1", loopbackOnly: true };
}

function everywhere(mode: string): Bind {
  return { mode, host: undefined, loopbackOnly: false };
}

function custom(host: string | undefined): Bind {
  if (!host) {
    throw new Fault("gateway.bind=custom requires gateway.customBindHost", {
      fix: "openclaw config set gateway.customBindHost <address>",
      exitCode: 78,
    });
  }
  return { mode: "custom", host, loopbackOnly: isLoopback(host) };
}

/** Tailscale hands out addresses of 100.64.0.0/10. */
function tailnetAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family } of addresses ?? []) {
      const [first, second] = address.split(".").map(Number);
      if (family === "IPv4" && first === 100 && second !== undefined && second >= 64 && second < 128)
        return address;
    }
  }
  throw new Fault("gateway.bind=tailnet, but this machine has no tailnet address", {
    why: "Tailscale is not running or not logged in",
    fix: "tailscale up",
    exitCode: 75,
  });
}

/** Of a config that has the environment in it already, as a loaded one has. */
export function mainPort({ gateway }: Config, { profile }: Pick<Paths, "profile">): number {
  return gateway?.port ?? (profile === "dev" ? DEV_PORT : DEFAULT_PORT);
}

/** The port of older guides, for those who follow one: their curl, proxy and cron lines say 3001 (behaviour.md R1). */
const GUIDE_PORT = 3001;

export interface FurtherInput {
  env: Env;
  loaded: Pick<LoadedConfig, "config" | "olderPaths" | "envPaths">;
  /** The main one; it is not opened twice. */
  port: number;
  /** The port was given on the command line. */
  portGiven: boolean;
}

/** Further listeners beside the main one. The port of the guides is among them only where nobody has chosen a port. */
export function furtherAddresses(
  { host }: Pick<Bind, "host">,
  { env, loaded, port, portGiven }: FurtherInput,
): { host: string | undefined; port: number }[] {
  const { gateway = {} } = loaded.config;
  const ports = [...env.gateway.extraPorts, ...(gateway.extraPorts ?? [])];
  const wanted = ports.filter((each) => each !== port).map((each) => ({ host, port: each }));
  const followsGuide = loaded.olderPaths.length > 0 || loaded.envPaths.includes("gateway.mode");
  const portChosen = portGiven || gateway.port !== undefined;
  if (!followsGuide || portChosen || ports.includes(GUIDE_PORT)) return wanted;
  return [...wanted, { host: "127.0.0.1", port: GUIDE_PORT }];
}
