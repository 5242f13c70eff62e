import type { Paths } from "../platform/paths.ts";
import type { InstalledService } from "../platform/service/installed.ts";

/** The unit of the account with the name of the profile, else that of the machine. */
export function ourService(
  services: readonly InstalledService[],
  { profile }: Paths,
): InstalledService | undefined {
  const suffix = profile === "default" ? "" : `-${profile}`;
  const label = profile === "default" ? "ai.openclaw.gateway" : `ai.openclaw.${profile}`;
  const names = [`openclaw-gateway${suffix}.service`, `openclaw${suffix}.service`, label];
  const named = services.filter(({ name }) => names.includes(name));
  return named.find(({ level }) => level === "user") ?? named[0];
}
