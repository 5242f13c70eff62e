import { mainPort } from "../../access/bind.ts";
import { readSavedToken } from "../../config/saved-token.ts";
import { shownCommand } from "../../platform/gateway-command.ts";
import type { Paths } from "../../platform/paths.ts";
import { type InstalledService, installedServices } from "../../platform/service/installed.ts";
import { managerOf, ownService } from "../../platform/service/own-service.ts";
import { pathsOf, pinnedPort, recordedVersion } from "../../platform/service/recorded.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";
import { type CommandLineView, disableCommand, judgeDrift } from "../service-drift.ts";
import { judgeLinger } from "../service-linger.ts";
import { judgeProgram } from "../service-program.ts";
import { machineOf, withRewrite } from "../service-rewrite.ts";

/** Everything that somebody else is in charge of when OPENCLAW_SERVICE_REPAIR_POLICY says so. */
const OF_THE_SUPERVISOR = new Set([
  "service-config-drift",
  "service-node-missing",
  "service-token-drift",
  "service-proxy-env",
  "service-system-level",
  "other-gateways",
  "service-version-drift",
  "service-no-linger",
]);

export default defineCheck({
  id: "service-unit",
  summary: "the service of the gateway, where one is installed, fits the config",
  where: "outside",
  async inspect(facts) {
    const { host, env, deep, paths } = facts;
    const services = installedServices({ host, env, deep });
    if (services.length === 0) return [];
    const ours = ownService(services, paths, machineOf(facts));
    const cli = await commandLineView(facts);
    const judge = async (service: InstalledService) => [
      ...judgeDrift(service, cli),
      ...(await judgeProgram(service, facts)),
    ];
    const [own, system, linger] = await Promise.all([
      ours ? judge(ours) : [],
      judgeSystemLevel(
        services.filter((each) => each !== ours || !isRootsOwn(each, facts)),
        facts,
      ),
      ours ? judgeLinger(ours, facts) : [],
    ]);
    const isExternal = env.get("OPENCLAW_SERVICE_REPAIR_POLICY") === "external";
    const found = [
      ...(ours && !isExternal ? await withRewrite(own, { service: ours, facts, cli, judge }) : own),
      ...linger,
      ...system,
      ...(deep
        ? judgeOthers(
            services.filter((each) => each !== ours && !isSystemLevel(each)),
            cli,
          )
        : []),
    ];
    return isExternal ? found.filter(({ id }) => !OF_THE_SUPERVISOR.has(id)) : found;
  },
});

async function commandLineView({ config, paths, env, version }: Facts): Promise<CommandLineView> {
  const checked = await config();
  if (!checked.ok) return { paths, version };
  const { config: inForce } = checked.loaded;
  const configured = inForce.gateway?.auth?.token;
  const token = env.gateway.token ?? (typeof configured === "string" ? configured : savedToken(paths));
  return { paths, version, port: mainPort(inForce, paths), ...(token && { token }) };
}

/** One that may not be read is what `permissions` tells about. */
function savedToken(paths: Paths): string | undefined {
  try {
    return readSavedToken(paths);
  } catch {
    return undefined;
  }
}

function isSystemLevel({ level, name }: InstalledService): boolean {
  return level === "system" && /^(ai\.)?openclaw/.test(name);
}

/** What `gateway install` makes for root, and just what root wanted. */
function isRootsOwn(service: InstalledService, facts: Facts): boolean {
  return machineOf(facts).uid === 0 && recordedVersion(service) !== undefined;
}

/** Beside a unit of the account it would be the second gateway; alone it may be just what the owner wants. */
async function judgeSystemLevel(
  services: readonly InstalledService[],
  { host, signal }: Facts,
): Promise<Observation[]> {
  const hasUser = services.some(({ level, name }) => level === "user" && /^(ai\.)?openclaw/.test(name));
  const found = services.filter(isSystemLevel).map(async (service): Promise<Observation[]> => {
    const args = ["show", service.name, "--property=ActiveState,UnitFileState"];
    const state = service.manager === "systemd" ? await host.run("systemctl", args, signal) : undefined;
    if (/ActiveState=inactive/.test(state ?? "") && /UnitFileState=disabled/.test(state ?? "")) return [];
    const rest = hasUser ? "" : " while the user gateway service is not installed";
    return [
      {
        id: "service-system-level",
        severity: hasUser ? "warning" : "info",
        title: `System-level OpenClaw gateway service detected${rest}`,
        evidence: [`${service.file}${state === undefined ? "" : `: ${state.trim().split("\n").join(", ")}`}`],
        fix: hasUser ? disableCommand(service) : managerOf(service).words(service).status,
        place: { file: service.file },
      },
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Several gateways are fine as long as each has its own port and its own folder. */
function judgeOthers(others: readonly InstalledService[], { paths, port }: CommandLineView): Observation[] {
  if (others.length === 0) return [];
  const collides = (service: InstalledService) =>
    pathsOf(service)?.stateDir === paths.stateDir || (port !== undefined && pinnedPort(service) === port);
  const colliding = others.find(collides);
  return [
    {
      id: "other-gateways",
      severity: colliding ? "warning" : "info",
      title: "Other gateway-like services detected (best effort)",
      evidence: others.map(
        (service) =>
          `${service.file}: ${shownCommand(service.argv)}${collides(service) ? " (same port or state folder)" : ""}`,
      ),
      fix: disableCommand(colliding ?? others[0]!),
    },
  ];
}
