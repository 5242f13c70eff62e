import type { InstalledService } from "../platform/service/installed.ts";
import type { Facts } from "./facts.ts";
import type { Observation } from "./finding.ts";
import { machineOf } from "./service-rewrite.ts";

/**
 * systemd ends the services of an account with its last session, and starts none at boot, unless it lingers. Somebody
 * with a desktop may want just that; on a server it is a gateway that goes with every logout.
 */
export async function judgeLinger(service: InstalledService, facts: Facts): Promise<Observation[]> {
  const { manager, level, file } = service;
  if (manager !== "systemd" || level !== "user") return [];
  const { user } = machineOf(facts);
  const said = await facts.host.run(
    "loginctl",
    ["show-user", user, "--property=Linger,Display"],
    facts.signal,
  );
  if (said === undefined || !/^Linger=no$/m.test(said)) return [];
  const hasDesktop = /^Display=.+$/m.test(said);
  return [
    {
      id: "service-no-linger",
      severity: hasDesktop ? "info" : "warning",
      evidence: [`${file} belongs to ${user}, who does not linger (loginctl: Linger=no)`],
      fix: `sudo loginctl enable-linger ${user}`,
      place: { file },
    },
  ];
}
