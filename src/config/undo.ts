import { Fault } from "../platform/fault.ts";
import { sha256Hex } from "../platform/files.ts";
import { configVersions, currentTexts, recordHandEdit } from "./history.ts";
import { textsOf } from "./included-files.ts";
import { replaceConfig } from "./store.ts";
import { type ConfigVersion, sameTexts } from "./version.ts";
import { wouldLoad } from "./would-load.ts";
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
  const texts = await currentTexts(paths);
  const versions = configVersions(paths);
  const current = texts && versions.find((version) => sameTexts(version, texts));
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
    baseHash: texts === undefined ? "" : sha256Hex(texts.text),
    text: restored.text,
    included: textsOf(paths.configPath, restored.files ?? []),
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
    if (version.number >= from || (current && sameTexts(version, current))) continue;
    if (await wouldLoad(version, { paths, env })) return version;
  }
  return undefined;
}
