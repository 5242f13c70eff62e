import { arch, cpus, type as osType, release, totalmem } from "node:os";
import { checkConfig } from "../config/load.ts";
import { secretsIn } from "../config/redact.ts";
import { readSavedToken } from "../config/saved-token.ts";
import { readBoots } from "../platform/boot-ledger.ts";
import { faultLines } from "../platform/fault.ts";
import { readFileIfExists } from "../platform/files.ts";
import { ownMemoryLimit } from "../platform/memory-limit.ts";
import { bundlesDir, listBundles } from "../platform/stability-bundles.ts";
import { BUILD_COMMIT, PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";
import { fileSource, gatewaySource } from "./log-source.ts";
import { examine } from "./run-doctor.ts";
import { type Shareable, shareable } from "./shareable.ts";
import { troubleFault } from "./trouble-fault.ts";

/** One file of the archive. */
export interface Part {
  name: string;
  /** For people, a few words. */
  what: string;
  data: Buffer;
}

export interface Parts {
  parts: Part[];
  problems: string[];
}

/** Answers of the gateway, with what stands for who talks to it left out. */
const ASKED = [
  ["status/gateway-status.json", "what `openclaw status` knows", "status", {}],
  ["health/gateway-health.json", "the health object", "health", {}],
  ["stability/gateway.json", "events of this run", "diagnostics.stability", { limit: 1_000 }],
  ["status/lanes.json", "turns that wait", "diagnostics.lanes", {}],
] as const;

/** Everything that can be had now. A part that cannot is a problem of its own and does not stop the others. */
export async function collectParts(
  { logLines, timeoutMs }: { logLines: number; timeoutMs: number },
  context: CommandContext,
): Promise<Parts> {
  const { env, paths } = context;
  const parts: Part[] = [];
  const problems: string[] = [];
  const checked = await checkConfig({ env, paths, purpose: "look" });
  const share = shareable(secretsHere(checked.ok ? checked.loaded.config : undefined, context), env.home);
  const addText = (name: string, what: string, text: string) =>
    void parts.push({ name, what, data: Buffer.from(text) });
  const addJson = (name: string, what: string, value: unknown) =>
    addText(name, what, `${JSON.stringify(share.data(value), null, 2)}\n`);

  async function attempt(what: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      problems.push(share.text(`${what}: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  const { local } = checked.ok ? await context.target() : { local: true };
  addJson("versions.json", "this program, Node, the machine", machine(context));
  await attempt("answers of the gateway", () =>
    askGateway(context, { timeoutMs, logLines, local }, addJson, addLog),
  );
  if (local) {
    await attempt("config", () =>
      checked.ok
        ? addJson("config/sanitized.json", "the config without secrets", checked.loaded.source)
        : addText(
            "config/problem.txt",
            "what is wrong with the config",
            share.text(`${faultLines(checked.fault).join("\n")}\n`),
          ),
    );
    await attempt("log", async () => addLog((await fileSource(paths.logsDir).newest(logLines)) ?? []));
    await attempt("starts", () =>
      addJson("boots.json", "the last starts and how they ended", readBoots(paths)),
    );
    await attempt("bundle", () => {
      const [latest] = listBundles(bundlesDir(paths));
      const text = latest && readFileIfExists(latest.path);
      if (text !== undefined)
        addJson("stability/latest.json", "the newest stability bundle", JSON.parse(text));
    });
    await attempt("doctor", async () =>
      addJson(
        "doctor/findings.json",
        "what `openclaw doctor` finds",
        await examine({ selection: {}, least: "info" }, context),
      ),
    );
  }
  addText("summary.md", "begin here", summary(parts, problems, share));
  return { parts: parts.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };

  function addLog(lines: readonly string[]): void {
    if (lines.length === 0 || parts.some(({ name }) => name === LOG)) return;
    addText(LOG, `the newest ${lines.length} lines of the log`, `${lines.map(share.logLine).join("\n")}\n`);
  }
}

const LOG = "logs/openclaw-sanitized.jsonl";

async function askGateway(
  context: CommandContext,
  { timeoutMs, logLines, local }: { timeoutMs: number; logLines: number; local: boolean },
  addJson: (name: string, what: string, value: unknown) => void,
  addLog: (lines: readonly string[]) => void,
): Promise<void> {
  const reached = await context.reach({ scopes: ["operator.read"], backendFor: "diagnostics" });
  if (reached.kind === "trouble")
    throw troubleFault(reached.trouble, await context.target(), "call", context.name);
  const { connection } = reached;
  for (const [name, what, method, params] of ASKED)
    addJson(name, what, withoutRecent(await connection.call(method, params, { timeoutMs })));
  if (!local && logLines > 0) addLog((await gatewaySource(connection, { timeoutMs }).newest(logLines)) ?? []);
}

/** Who was talked to last is nobody's business. */
function withoutRecent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRecent);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, name === "recent" ? [] : withoutRecent(child)]),
  );
}

/** Every secret this machine knows of: config, environment, saved token, tokens of devices. */
function secretsHere(config: unknown, { env, paths }: CommandContext): string[] {
  const read = (get: () => unknown): string[] => {
    try {
      return secretsIn(get());
    } catch {
      return [];
    }
  };
  const own = read(() => JSON.parse(readFileIfExists(paths.ownDeviceFile) ?? "{}"));
  const saved = read(() => ({ token: readSavedToken(paths) ?? "" }));
  return [...read(() => config), ...read(() => ({ env: env.variables() })), ...own, ...saved];
}

function machine({ env, paths }: CommandContext) {
  const limit = ownMemoryLimit();
  return {
    openclaw: PRODUCT_VERSION,
    commit: BUILD_COMMIT,
    node: process.version,
    v8: process.versions.v8,
    sqlite: process.versions.sqlite,
    openssl: process.versions.openssl,
    os: `${osType()} ${release()}`,
    arch: arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    memoryLimit: limit,
    inContainer: env.inContainer,
    profile: paths.profile,
    stateDirFrom: paths.stateDirFrom,
  };
}

function summary(parts: readonly Part[], problems: readonly string[], share: Shareable): string {
  const json = (name: string): Record<string, unknown> => {
    const part = parts.find((candidate) => candidate.name === name);
    return part ? JSON.parse(part.data.toString()) : {};
  };
  const versions = json("versions.json");
  const status = json("status/gateway-status.json");
  const { findings = [] } = json("doctor/findings.json") as {
    findings?: { severity: string; title: string; id: string }[];
  };
  const lines = [
    "# OpenClaw diagnostics",
    "",
    `- version ${versions.openclaw} (${versions.commit}), Node ${versions.node}, ${versions.os}, ${versions.arch}`,
    status.pid === undefined
      ? "- the gateway did not answer"
      : `- the gateway answered: pid ${status.pid}, up ${Math.round(Number(status.uptimeMs) / 1_000)} s, port ${status.port}`,
    ...findings.map(({ severity, title, id }) => `- doctor: ${severity}: ${title} [${id}]`),
    ...problems.map((problem) => `- missing: ${problem}`),
    "",
    "## Files",
    "",
    ...parts.map(({ name, what }) => `- ${name}: ${what}`),
    "",
    "Secrets and names of sessions are left out. Host names, addresses and names of agents are not.",
    "",
  ];
  return share.text(lines.join("\n"));
}
