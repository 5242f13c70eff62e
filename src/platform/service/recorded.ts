import { readEnv } from "../env.ts";
import { readGatewayCommand } from "../gateway-command.ts";
import { type Paths, resolvePaths } from "../paths.ts";
import type { InstalledService } from "./installed.ts";

/** By this variable a service says which version has written it. */
export const VERSION_VARIABLE = "OPENCLAW_SERVICE_VERSION";

/** What a service runs with, as its definition says; undefined where a variable of it cannot be used. */
export function pathsOf({ argv, env }: Pick<InstalledService, "argv" | "env">): Paths | undefined {
  try {
    return resolvePaths(readEnv({ ...env }), readGatewayCommand(argv) ?? {});
  } catch {
    return undefined;
  }
}

/** The port that is written into the definition; a service without one follows the config. */
export function pinnedPort({ argv, env }: Pick<InstalledService, "argv" | "env">): number | undefined {
  const port = readGatewayCommand(argv)?.port ?? Number(env.OPENCLAW_GATEWAY_PORT);
  return port > 0 ? port : undefined;
}

/** The version that has written the definition; undefined for one written by hand. */
export function recordedVersion({ env }: Pick<InstalledService, "env">): string | undefined {
  return env[VERSION_VARIABLE];
}
