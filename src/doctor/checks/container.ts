import { realpathSync } from "node:fs";
import { resolveBind } from "../../access/bind.ts";
import { mountOf, parseMountinfo } from "../../platform/mounts.ts";
import { CONTAINER_VOLUMES } from "../../platform/paths.ts";
import { nearestExisting } from "../../platform/storage-fault.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";

/** Their content ends with the container. */
const PASSING = new Set(["tmpfs", "ramfs", "overlay"]);

export default defineCheck({
  id: "container",
  summary: "in a container: the state outlives it, and others can reach the port",
  where: "anywhere",
  async inspect(facts) {
    if (!facts.env.inContainer) return [];
    return [...judgeVolume(facts), ...(await judgeBind(facts))];
  },
});

function judgeVolume({ paths: { stateDir, stateDirFrom }, host }: Facts): Observation[] {
  const table = host.text("/proc/self/mountinfo");
  if (table === undefined) return [];
  const mount = mountOf(realpathSync(nearestExisting(stateDir)), parseMountinfo(table));
  if (mount && mount.path !== "/" && !PASSING.has(mount.fsType)) return [];
  const where = mount?.path === "/" || !mount ? "in the container itself" : `on a ${mount.fsType}`;
  return [
    {
      id: "container-no-volume",
      severity: "warning",
      evidence: [
        `${stateDir} is not on a volume: it is ${where}, and config, devices and sessions do not persist when the container is made anew`,
      ],
      fix: `docker run -v openclaw-data:${stateDirFrom === "environment" ? stateDir : CONTAINER_VOLUMES[0]} openclaw-stack`,
    },
  ];
}

/** `auto` widens by itself as soon as there is a secret, so only a wish for loopback is one. */
async function judgeBind({ config }: Facts): Promise<Observation[]> {
  const checked = await config();
  if (!checked.ok || checked.loaded.config.gateway?.mode === "remote") return [];
  const { config: inForce, path } = checked.loaded;
  if ((inForce.gateway?.bind ?? "auto") === "auto") return [];
  if (!bindsToLoopback(inForce)) return [];
  return [
    {
      id: "container-loopback",
      severity: "warning",
      evidence: [
        `in this container the gateway listens on loopback (127.0.0.1): gateway.bind is ${JSON.stringify(inForce.gateway?.bind)}, so a published port leads nowhere`,
      ],
      fix: 'openclaw config set gateway.bind "0.0.0.0"',
      place: { path: "gateway.bind", file: path },
    },
  ];
}

function bindsToLoopback(config: Parameters<typeof resolveBind>[1]): boolean {
  try {
    return resolveBind(undefined, config, { inContainer: true, hasSecret: true }).loopbackOnly;
  } catch {
    // A bind that cannot be resolved refuses the start, and `start-refused` says so.
    return false;
  }
}
