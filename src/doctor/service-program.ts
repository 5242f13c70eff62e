import { accessSync, constants } from "node:fs";
import { isAbsolute } from "node:path";
import { shownCommand } from "../platform/gateway-command.ts";
import { majorOf, OLDEST_NODE } from "../platform/node-version.ts";
import type { InstalledService } from "../platform/service/installed.ts";
import { nodeAndScript } from "../platform/service/program.ts";
import type { Facts } from "./facts.ts";
import type { Observation } from "./finding.ts";
import { advice, editCommand } from "./service-drift.ts";

/** Whether what a service starts is there, and new enough where it is Node. */
export async function judgeProgram(
  service: InstalledService,
  { host, signal }: Pick<Facts, "host" | "signal">,
): Promise<Observation[]> {
  const [program = ""] = service.argv;
  const { script } = nodeAndScript(service.argv);
  const missing = [program, script].find(
    (path) => path && isAbsolute(path) && !isThere(path, path === program),
  );
  if (missing !== undefined)
    return [observation(service, "error", `${missing} is not there, or may not be used`)];
  if (script === undefined || !isAbsolute(program)) return [];
  const version = (await host.run(program, ["--version"], signal))?.trim();
  if (version === undefined) return [observation(service, "error", `${program} --version fails`)];
  if (majorOf(version) >= OLDEST_NODE) return [];
  const line = `${program} is Node ${version}; Node ${OLDEST_NODE} or newer is needed`;
  return [observation(service, "warning", line)];
}

function observation(service: InstalledService, severity: "error" | "warning", line: string): Observation {
  return {
    id: "service-node-missing",
    severity,
    evidence: [`${service.file} starts: ${shownCommand(service.argv)}`, line],
    ...advice(
      service,
      `ExecStart= (empty), then ExecStart=${process.execPath} ${process.argv[1]} gateway run`,
    ),
    fix: editCommand(service),
    place: { file: service.file },
  };
}

function isThere(path: string, mustRun: boolean): boolean {
  try {
    accessSync(path, mustRun ? constants.X_OK : constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
