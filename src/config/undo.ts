import { Fault } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { type ConfigVersion, configVersions, recordHandEdit } from "./history.ts";
import { checkText } from "./load.ts";
import { readConfigFile } from "./read-file.ts";
import { replaceConfig } from "./store.ts";
import type { Updated, WriteInput } from "./write.ts";
import { ALL_GUARDS } from "./write-guard.ts";

export interface Undone {
  /** The version whose text is back. */
  restored: ConfigVersion;
  /** The number under which what was there until now stays in the history; undefined when there was no file. */
  left: number | undefined;
  updated: Updated;
}

/**
 * Puts an earlier version back as a new one: `number`, or else the newest one before the current that a start would
 * accept; after an undo that is one further back. The file may be broken or gone, what is in it stays in the history.
 * Throws `Fault` (1) when there is nothing to go back to.
 */
export async function undoConfig(input: Omit<WriteInput, "baseHash"> & { number?: number }): Promise<Undone> {
  const { paths, signal, number } = input;
  await recordHandEdit(paths, signal);
  const raw = readConfigFile(paths.configPath, paths.stateDir);
  const versions = configVersions(paths);
  const current = raw === undefined ? undefined : versions.find(({ hash }) => hash === sha256Hex(raw));
  const restored =
    number === undefined
      ? await newestBefore(current, versions, input)
      : versions.find((version) => version.number === number);
  if (!restored) {
    const what =
      number === undefined ? "There is no earlier version to go back to" : `There is no version ${number}`;
    throw new Fault(what, { fix: "openclaw config history" });
  }
  const updated = await replaceConfig({
    ...input,
    baseHash: raw === undefined ? "" : sha256Hex(raw),
    text: restored.text,
    restores: restored.number,
    allow: ALL_GUARDS,
  });
  return { restored, left: current?.number, updated };
}

async function newestBefore(
  current: ConfigVersion | undefined,
  versions: readonly ConfigVersion[],
  { paths, env }: WriteInput,
): Promise<ConfigVersion | undefined> {
  const from = current ? (current.restores ?? current.number) : Number.POSITIVE_INFINITY;
  for (const version of versions) {
    if (version.number >= from || version.hash === current?.hash) continue;
    if ((await checkText(version.text, { paths, env, purpose: "write" })).ok) return version;
  }
  return undefined;
}
