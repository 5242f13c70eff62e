import { type InstalledService, installedServices } from "../platform/service/installed.ts";
import { type ServiceMachine, serviceMachine } from "../platform/service/machine.ts";
import { hasForeignSupervisor, managerHere, placeRefusal } from "../platform/service/own-service.ts";
import { pinnedPort } from "../platform/service/recorded.ts";
import { referredVariables, serviceSpec } from "../platform/service/spec.ts";
import type { Facts } from "./facts.ts";
import type { Observation, Repair } from "./finding.ts";
import type { CommandLineView } from "./service-drift.ts";

/** The machine of these facts, for services. */
export function machineOf({ env, host, signal }: Facts): ServiceMachine {
  return { ...serviceMachine(env, signal), host, platform: host.platform };
}

export interface RewriteInput {
  service: InstalledService;
  facts: Facts;
  cli: CommandLineView;
  /** What is wrong with a service; asked again about the one that would be written. */
  judge(service: InstalledService): Promise<readonly Observation[]>;
}

/**
 * The definition as `gateway install --force` would write it now, as the repair of what it mends. Nothing is planned
 * where the service is not ours to write, and nothing is promised that an addition to it would spoil.
 */
export async function withRewrite(
  found: readonly Observation[],
  input: RewriteInput,
): Promise<Observation[]> {
  const repair = found.length > 0 ? rewriteOf(input) : undefined;
  if (!repair) return [...found];
  const left = new Set((await input.judge(repair.after)).map(({ id }) => id));
  return found.map((each) => {
    if (left.has(each.id)) return each;
    const { why: _, ...rest } = each;
    return { ...rest, fix: "openclaw doctor --fix", repair: repair.repair };
  });
}

function rewriteOf({
  service,
  facts,
  cli,
}: RewriteInput): { repair: Repair; after: InstalledService } | undefined {
  const { paths, env, host } = facts;
  const machine = machineOf(facts);
  const manager = managerHere(machine);
  const launcher = process.argv[1];
  const port = cli.port ?? pinnedPort(service);
  if (!manager || launcher === undefined || port === undefined) return undefined;
  if (hasForeignSupervisor(machine) || placeRefusal({ paths, machine }) !== undefined) return undefined;
  if (service.level === "system" && machine.uid !== 0) return undefined;
  const wrapper = env.get("OPENCLAW_WRAPPER");
  const config = facts.configText();
  // What this shell has is not taken along: that is for whoever installs.
  const asIs = { ...machine, env: { ...env, variables: () => ({}) } };
  const spec = serviceSpec({
    ...{
      manager,
      level: service.level,
      machine: asIs,
      paths,
      port,
      version: facts.version,
      installed: service,
    },
    program: { node: process.execPath, launcher, ...(wrapper !== undefined && { wrapper }) },
    referred: referredVariables(config.kind === "text" ? config.text : ""),
    ...(cli.token !== undefined && { acceptedToken: cli.token }),
  });
  if (spec.ref.file !== service.file) return undefined;
  const files = manager.files(spec);
  const texts = new Map(files.map(({ path, content }) => [path, String(content)]));
  const asWritten = { ...host, text: (path: string) => texts.get(path) ?? host.text(path) };
  const after = installedServices({ host: asWritten, env, deep: false }).find(
    ({ file }) => file === service.file,
  );
  if (!after) return undefined;
  return {
    after,
    repair: {
      does: `write ${service.name} anew, for this program and config`,
      level: "safe",
      changes: files.map(({ path, content, mode }, index) => ({
        ...{ kind: "service" as const, path, content, mode },
        // With the last file: half of them would be another service.
        makeKnown: async () => {
          // Not the machine of the check: that one may wait no longer than the check.
          if (index === files.length - 1) await manager.reload(service, serviceMachine(env));
        },
      })),
    },
  };
}
