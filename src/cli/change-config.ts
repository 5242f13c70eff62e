import type { ConfigEdit } from "../config/legacy-write.ts";
import { loadText } from "../config/load.ts";
import { parseConfigText } from "../config/parse.ts";
import { type ConfigPath, formatPath } from "../config/path.ts";
import { readConfigFile } from "../config/read-file.ts";
import { secretsIn } from "../config/redact.ts";
import { updateConfig } from "../config/store.ts";
import { Fault } from "../platform/fault.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { changedLines } from "./changed-lines.ts";
import type { CommandContext } from "./context.ts";
import { paint } from "./io.ts";

/** What `config set --json` prints. */
export interface ConfigChange {
  path: string;
  changed: boolean;
  keys: string[];
  restart: boolean;
  /** Of a dry run: removed lines with "-", added ones with "+". */
  diff?: string[];
  title: string;
}

export interface ChangeInput {
  edits: readonly ConfigEdit[];
  /** What to print when it is done. */
  title: string;
  dryRun: boolean;
}

/** Applies edits to the config file through its one writer, or shows what they would do. */
export async function changeConfig(input: ChangeInput, context: CommandContext): Promise<ConfigChange> {
  const { edits, title, dryRun } = input;
  const { paths, env } = context;
  const keys = edits.map(({ path }) => formatPath(path));
  const base = { path: paths.configPath, keys, title };
  if (dryRun) {
    const diff = await rehearse(edits, context);
    return { ...base, changed: diff.length > 0, restart: false, diff };
  }
  const { kind } = await updateConfig({ paths, env, edits, version: PRODUCT_VERSION });
  return { ...base, changed: kind === "written", restart: kind === "written" };
}

export function printChange(change: ConfigChange, { io }: CommandContext): void {
  const { diff, changed, title, keys, path } = change;
  const { red, green } = paint(io.color.out);
  if (!changed) io.out(`Nothing to change: ${keys[0]} in ${path} is like that already.`);
  else if (!diff) io.out(`${title} Restart the gateway to apply.`);
  for (const line of diff ?? []) io.out(line.startsWith("-") ? red(line) : green(line));
  if (diff) io.note("Nothing was written: this was a dry run.");
}

/** The stamp every write leaves; not for people to set. Throws `Fault` (1). */
export function refuseMeta(path: ConfigPath): void {
  if (path[0] !== "meta") return;
  throw new Fault(`${formatPath(path)} cannot be set`, { why: "openclaw itself keeps it with every change" });
}

async function rehearse(edits: readonly ConfigEdit[], { paths, env }: CommandContext): Promise<string[]> {
  const { setInText, unsetInText } = await import("../config/edit.ts");
  let text = readConfigFile(paths.configPath) ?? "{}\n";
  const before = await parseConfigText(text, paths.configPath);
  const diff: string[] = [];
  for (const { path, value } of edits) {
    const next = value === undefined ? unsetInText(text, path) : setInText(text, path, value);
    diff.push(...changedLines(text, next));
    text = next;
  }
  const { source } = await loadText(text, { paths, env, purpose: "write" });
  const secrets = [...secretsIn(before.value), ...secretsIn(source)];
  return diff.map((line) => secrets.reduce((out, secret) => out.replaceAll(secret, "***"), line));
}
