import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../platform/log.ts";
import { fileSystemOf, type Mount, readMounts } from "../platform/mounts.ts";
import { CONTAINER_VOLUMES, type Paths } from "../platform/paths.ts";
import type { Settings } from "./settings.ts";

export interface ContainerFacts {
  paths: Paths;
  /** Of the container's user. */
  home: string;
  settings: Pick<Settings, "auth" | "bind">;
  /** What the state folder lies on. */
  mount: Mount | undefined;
  holdsState(dir: string): boolean;
}

/** What the owner of a container has to know, in its log: where state is kept, and what does not last. */
export function writeContainerNotes(
  log: Log,
  { paths, home, settings }: Pick<ContainerFacts, "paths" | "home" | "settings">,
): void {
  const mount = fileSystemOf(paths.stateDir, readMounts());
  const { info, warnings } = containerNotes({ paths, home, settings, mount, holdsState });
  log.info(info);
  for (const warning of warnings) log.warn(warning);
}

/** Pure. */
export function containerNotes(facts: ContainerFacts): { info: string; warnings: string[] } {
  const { paths, settings, mount } = facts;
  const { stateDir, tokenFile } = paths;
  const lost = isLostWithContainer(mount);
  const volumes = CONTAINER_VOLUMES.join(" or ");
  const warnings: string[] = [];
  if (lost) {
    const kind = mount?.path === "/" ? "" : ` but on ${mount?.fsType ?? "an unknown file system"}`;
    warnings.push(
      `${stateDir} is not on a volume${kind}: config, token and sessions are lost with this container; mount one at ${volumes} (docker run -v openclaw-data:/app/data …)`,
    );
    if (settings.auth.source === "saved" || settings.auth.source === "generated")
      warnings.push(
        `the gateway token in ${tokenFile} is lost with this container; to keep one, set OPENCLAW_GATEWAY_TOKEN or mount a volume`,
      );
  }
  for (const dir of passedOver(facts))
    warnings.push(`${dir} holds an older state folder, which is not used and not merged into ${stateDir}`);
  if (settings.bind.mode === "auto" && settings.bind.loopbackOnly)
    warnings.push(
      "in this container the gateway listens on loopback (127.0.0.1) only, because nothing protects it: gateway.auth.mode is not token, and no secret is set",
    );
  return { info: `state folder: ${stateDir} (${REASONS[paths.stateDirFrom]})`, warnings };
}

const REASONS: Readonly<Record<Paths["stateDirFrom"], string>> = {
  environment: "set by OPENCLAW_STATE_DIR",
  volume: "a volume is mounted there",
  home: `nothing is mounted at ${CONTAINER_VOLUMES.join(" or ")}`,
};

/** A container's own root goes with it, and memory with its process. */
function isLostWithContainer(mount: Mount | undefined): boolean {
  return mount !== undefined && (mount.path === "/" || mount.fsType === "tmpfs" || mount.fsType === "ramfs");
}

/** Places that would have been taken if a better one had not been there. */
function passedOver({ paths, home, holdsState }: ContainerFacts): string[] {
  if (paths.stateDirFrom === "environment" || paths.profile !== "default") return [];
  const candidates = [...CONTAINER_VOLUMES, join(home, ".openclaw")];
  return candidates.slice(candidates.indexOf(paths.stateDir) + 1).filter(holdsState);
}

function holdsState(dir: string): boolean {
  return ["openclaw.json", "data/gateway.token", "data/sessions.sqlite"].some((file) =>
    existsSync(join(dir, file)),
  );
}
