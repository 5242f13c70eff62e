import { currentTexts } from "../config/history.ts";
import { includedFiles } from "../config/included-files.ts";
import { issueLines } from "../config/invalid.ts";
import { readLastGood } from "../config/last-good.ts";
import { checkConfig, checkText } from "../config/load.ts";
import { type ConfigPath, formatPath } from "../config/path.ts";
import { planReload, type ReloadPlan } from "../config/reload-plan.ts";
import type { Config } from "../config/schema.ts";
import { diffFiles, diffLines } from "../config/texts-diff.ts";
import type { ConfigTexts } from "../config/version.ts";
import type { PartlyRepaired, Updated, WriteInput } from "../config/write.ts";
import { Fault } from "../platform/fault.ts";
import { readLockOwner } from "../platform/lock.ts";
import type { Paths } from "../platform/paths.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { Options } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { paint } from "./io.ts";

/** For all commands that change the config. */
export const nowOption = {
  now: {
    type: "boolean",
    summary: "a running gateway does not wait for running turns when it moves to another address",
  },
} as const satisfies Options;

/** What `config set --json` prints. */
export interface ConfigChange {
  path: string;
  changed: boolean;
  /** What was written to, or, for a patch and a whole text, what differs now. */
  keys: readonly string[];
  /** The gateway has to be restarted for it. */
  restart: boolean;
  /** A gateway runs here and opens its ports anew by itself, so nobody has to. */
  followed: boolean;
  plan: ReloadPlan;
  /** What was wrong with the file before and still is. */
  remaining: string[];
  /** The included files that were written to. */
  included: readonly string[];
  /** Of a dry run: unified hunks without secrets. */
  diff?: string[];
  title: string;
}

export interface ChangeInput {
  /** What to print when it is done; without it the keys are named. */
  title?: string;
  keys?: readonly string[];
  /** For the history: the command line without values. */
  command: string;
  dryRun?: boolean;
  now?: boolean;
  /** Who writes in the words of an older guide is told its next step: a restart. */
  olderWords?: boolean;
  write(input: WriteInput): Promise<Updated | PartlyRepaired>;
}

/** Changes the config file through its one writer, or shows what that would do. */
export async function changeConfig(input: ChangeInput, context: CommandContext): Promise<ConfigChange> {
  const { command, dryRun = false, now = false, olderWords = false, write } = input;
  const { paths, env } = context;
  const before = dryRun ? ((await currentTexts(paths)) ?? { text: "{}\n" }) : undefined;
  const running = await configOfGateway(context);
  const result = await write({
    paths,
    env,
    version: PRODUCT_VERSION,
    author: { kind: "cli" },
    command,
    dryRun,
    now,
  });
  const partly = result.kind === "partly";
  const changed = partly ? result.written : result.kind === "written";
  const after = partly ? running : result.loaded.config;
  const plan = changed ? planReload(running, after) : planReload(running, running);
  const keys = input.keys ?? plan.changed.filter((path) => !path.startsWith("meta."));
  return {
    path: paths.configPath,
    changed,
    keys,
    restart: !dryRun && changed && (plan.restart.length > 0 || olderWords || isReloadOff(after)),
    followed:
      !dryRun &&
      plan.restart.some(isAddress) &&
      followsAddress(after) &&
      readLockOwner(paths.pidFile) !== undefined,
    plan,
    remaining: partly ? issueLines(result.remaining) : [],
    included: result.included.map(({ real }) => real),
    title: input.title ?? (keys.length > 0 ? `Updated ${keys.join(", ")}.` : "Updated the config."),
    ...(before && { diff: changed ? await diffOf(before, result, paths) : [] }),
  };
}

export function printChange(change: ConfigChange, { io }: CommandContext): void {
  const { diff, changed, title, keys, path, remaining } = change;
  if (!changed) io.out(`Nothing to change: ${keys[0] ?? "all of it"} in ${path} is like that already.`);
  else if (!diff) io.out(`${title}${whenItApplies(change)}`);
  if (changed && !diff)
    for (const file of change.included) io.note(`notice: written to the included file ${file}`);
  if (change.followed)
    io.note("notice: the running gateway sees the change and moves to the new address by itself");
  const { red, green } = paint(io.color.out);
  for (const line of diff ?? []) io.out(line[0] === "-" ? red(line) : line[0] === "+" ? green(line) : line);
  if (diff) for (const line of planLines(change.plan)) io.note(line);
  if (diff) io.note("Nothing was written: this was a dry run.");
  if (remaining.length > 0) io.note(["Still wrong with the config:", ...remaining].join("\n  "));
}

/** The stamp every write leaves; not for people to set. Throws `Fault` (1). */
export function refuseMeta(path: ConfigPath): void {
  if (path[0] !== "meta") return;
  throw new Fault(`${formatPath(path)} cannot be set`, { why: "openclaw itself keeps it with every change" });
}

/** One line per kind of effect the change has on a running gateway. */
function planLines({ hot, restart, ignored }: ReloadPlan): string[] {
  const unused = ignored.filter((path) => !path.startsWith("meta."));
  return [
    ...(hot.length > 0 ? [`applies while the gateway runs: ${hot.join(", ")}`] : []),
    ...(restart.length > 0 ? [`restarts the gateway: ${restart.join(", ")}`] : []),
    ...(unused.length > 0 ? [`without effect on a running gateway: ${unused.join(", ")}`] : []),
  ];
}

function whenItApplies({ restart, plan, remaining }: ConfigChange): string {
  if (restart) return " Restart the gateway to apply.";
  if (remaining.length > 0) return "";
  return plan.hot.length > 0 ? " Change will apply without restarting the gateway." : "";
}

/** What a running gateway goes by: the file, or the last good one where that is broken. */
async function configOfGateway({ paths, env }: CommandContext): Promise<Config> {
  const checked = await checkConfig({ paths, env, purpose: "look" });
  if (checked.ok) return checked.loaded.config;
  const lastGood = readLastGood(paths.configPath);
  if (lastGood === undefined) return {};
  const earlier = await checkText(lastGood, { paths, env, purpose: "look" });
  return earlier.ok ? earlier.loaded.config : {};
}

function isAddress(path: string): boolean {
  return /^gateway\.(port|bind|customBindHost|extraPorts)\b/.test(path);
}

function followsAddress({ gateway }: Config): boolean {
  const mode = gateway?.reload?.mode ?? "hybrid";
  return mode === "hybrid" || mode === "restart";
}

function isReloadOff(config: Config): boolean {
  return config.gateway?.reload?.mode === "off";
}

async function diffOf(
  before: ConfigTexts,
  result: Updated | PartlyRepaired,
  { configPath }: Paths,
): Promise<string[]> {
  const text = result.kind === "partly" ? result.text : (result.loaded.raw ?? "");
  const texts = new Map(result.included.map((edit) => [edit.real, edit.text]));
  const after = { text, files: await includedFiles(configPath, text, texts) };
  return diffLines(await diffFiles(configPath, before, after));
}
