import { Fault } from "../platform/fault.ts";
import { shellWord } from "../platform/storage-fault.ts";
import { isRecord } from "../protocol/frames.ts";
import type { Current, Draft, IncludedEdit } from "./draft.ts";
import { editFiles } from "./edit-files.ts";
import { knownSecrets, knownSpellings } from "./hide-secrets.ts";
import type { IncludedTexts } from "./include.ts";
import { InvalidConfig, issueLines } from "./invalid.ts";
import { keepCopy } from "./kept-copy.ts";
import { readLastGood } from "./last-good.ts";
import type { ConfigEdit } from "./legacy-write.ts";
import { checkText, type LoadedConfig } from "./load.ts";
import { patchEdits } from "./merge-patch.ts";
import { type Merged, readMerged, readMergedIfPossible } from "./merged.ts";
import { requireNewEnough } from "./newer-guard.ts";
import { parseConfigText } from "./parse.ts";
import { getAt } from "./path.ts";
import { type KeptSecrets, keepStoredSecrets, mayHavePlaceholders } from "./placeholders.ts";
import { bytesUnlike, readConfigFile } from "./read-file.ts";
import { newProblems } from "./repair.ts";
import { EMPTY, type PartlyRepaired, type Updated, type WriteInput, whole, writeConfig } from "./write.ts";
import { ConfigWriteError } from "./write-error.ts";
import {
  ALL_GUARDS,
  lossReason,
  placeholderError,
  refusePlaceholders,
  refuseReservedKeys,
  rejectTexts,
  type WriteGuard,
} from "./write-guard.ts";

/*
 * Everything that changes the config file. All of it throws `ConfigWriteError` for a refused write (1; "busy" 75),
 * `Fault` (1) for a config of a newer program, and `InvalidConfig` (78) for a file that cannot be edited as it is.
 */

export type UpdateInput = WriteInput & {
  /** Applied in order. */
  edits: readonly ConfigEdit[];
};

/** Guards that do not count this time. */
interface Allowing {
  allow?: readonly WriteGuard[];
}

/** Writes the first config, 0600. Throws `Fault` (1) when there is one already. */
export async function createConfig(
  input: WriteInput & { value: Record<string, unknown> },
): Promise<LoadedConfig> {
  const written = await writeConfig(input, async ({ raw }) => {
    if (raw === undefined) return { text: `${JSON.stringify(input.value, null, 2)}\n` };
    throw new Fault(`There is a config already: ${input.paths.configPath}`, {
      fix: "openclaw config validate",
    });
  });
  return whole(written).loaded;
}

/**
 * Changes single values: only they and the stamp in `meta` differ afterwards, comments and layout stay. A missing
 * file is made. Nothing is written unless the result passes the whole load pipeline, and never over a change somebody
 * else made meanwhile: the edits are applied again to what is there then.
 */
export async function updateConfig(input: UpdateInput): Promise<Updated> {
  return whole(await writeConfig(input, (current) => draftOfEdits(input, current)));
}

/**
 * The same for a person who repairs a file: what else is wrong with it does not stand in the way, as long as the
 * edits themselves add no problem.
 */
export async function repairConfig(input: UpdateInput): Promise<Updated | PartlyRepaired> {
  return await writeConfig(input, async (current) => {
    const { paths, env } = input;
    const before = await checkText(current.raw, { paths, env, purpose: "write" });
    const known = before.ok ? [] : before.issues;
    return {
      ...(await draftOfEdits(input, current)),
      blames: (remaining) => newProblems(known, remaining, input.edits),
    };
  });
}

/** Applies a JSON merge patch (RFC 7396; null deletes). A placeholder at a secret keeps what is stored. */
export async function patchConfig(
  input: WriteInput & Allowing & { patch: Record<string, unknown> },
): Promise<Updated> {
  const written = await writeConfig(input, async (current) => {
    const before = await readMerged(current.raw ?? EMPTY, input.paths.configPath);
    refuseReservedKeys([{ path: [], value: input.patch }]);
    const patch = structuredClone(input.patch);
    for (const { path, value } of secretsKept(input, keepStoredSecrets(patch, before.value))) {
      const parent = getAt(patch, path.slice(0, -1)) as Record<string | number, unknown>;
      parent[path.at(-1)!] = value;
    }
    const edits = patchEdits(before.value, patch);
    return await draftOfEdits({ ...input, edits }, current, { before, guards: guardsBut(input.allow) });
  });
  return whole(written);
}

interface ReplaceInput {
  text: string;
  /** The number of the version that is put back. */
  restores?: number;
  /** What is to be in included files. */
  included?: IncludedTexts;
  /** Secrets that were hidden, besides those of the stored text, when it was shown to who wrote `text`. */
  hidden?: readonly string[];
}

/**
 * Puts a whole text in the place of the main file, whatever state that is in; an undo puts other texts in the place of
 * included files too. Only the stamp is added; a placeholder at a secret keeps what is stored.
 */
export async function replaceConfig(input: WriteInput & Allowing & ReplaceInput): Promise<Updated> {
  const written = await writeConfig(input, async ({ raw, nowMs, dryRun }): Promise<Draft> => {
    const { paths, env, version, restores } = input;
    const file = paths.configPath;
    const before = [
      await readMergedIfPossible(raw, file),
      await readMergedIfPossible(readLastGood(file), file),
    ];
    const readable = before.filter((merged) => merged !== undefined);
    for (const { value } of readable) {
      requireNewEnough({ config: value, version, env, action: "change the config" });
    }
    await parseInput(input.text, file);
    const text = await withStoredSecrets(input, readable[0]?.text);
    const after = await readMerged(text, file, input.included);
    const included = unlikeDisk(after, input.included);
    if (text === raw && included.length === 0) return { text };
    const reason = lossReason(readable, after, guardsBut(input.allow));
    if (reason) throw rejectTexts(file, reason, dryRun ? [] : [{ file, text }], nowMs);
    return { text, included, read: after.included, ...(restores !== undefined && { restores }) };
  });
  return whole(written);
}

/**
 * Puts a text in the place of a file that is broken, for the doctor: what is still wrong with it does not stand in the
 * way, and the file as it was stays beside it as `.clobbered.<time>`. The text has to be one that can be read.
 */
export async function replaceBroken(
  input: WriteInput & { text: string },
): Promise<(Updated | PartlyRepaired) & { kept: string | undefined }> {
  const file = input.paths.configPath;
  let kept: string | undefined;
  const written = await writeConfig(input, async ({ raw, nowMs, dryRun }): Promise<Draft> => {
    const { version, env } = input;
    const before = await readMergedIfPossible(raw, file);
    if (before) requireNewEnough({ config: before.value, version, env, action: "change the config" });
    await parseInput(input.text, file);
    if (raw !== undefined && !dryRun)
      kept = keepCopy(file, "clobbered", bytesUnlike(file, raw) ?? raw, nowMs);
    return { text: input.text, blames: () => [] };
  });
  return { ...written, kept };
}

async function draftOfEdits(
  { paths, env, version, edits }: UpdateInput,
  { raw, nowMs, dryRun }: Current,
  options: { before?: Merged; guards?: readonly WriteGuard[] } = {},
): Promise<Draft> {
  const file = paths.configPath;
  refuseReservedKeys(edits);
  refusePlaceholders(file, edits);
  refuseOtherEncoding(file, raw);
  const text = raw ?? EMPTY;
  const { before = await readMerged(text, file), guards = ["gateway-mode-missing"] } = options;
  requireNewEnough({ config: before.value, version, env, action: "change the config" });
  const { merged: after, included } = await editFiles(file, before, edits);
  if (after.text === text && included.length === 0) return { text };
  for (const { real, before } of included) refuseOtherEncoding(real, before);
  const reason = lossReason([before], after, guards);
  if (reason) {
    const refused = included.map(({ real, text }) => ({ file: real, text }));
    if (after.text !== text) refused.unshift({ file, text: after.text });
    throw rejectTexts(file, reason, dryRun ? [] : refused, nowMs);
  }
  return { text: after.text, included, read: before.included };
}

/** An edit would write the rest of the file anew, and not as it was. */
function refuseOtherEncoding(file: string, raw: string | undefined): void {
  if (!bytesUnlike(file, raw)) return;
  throw new ConfigWriteError("rejected", `Config write rejected: ${file} (it is not UTF-8).`, {
    why: "Some characters, perhaps in comments, were written by a program that uses another encoding.",
    fix: `"\${EDITOR:-vi}" ${shellWord(file)}`,
  });
}

function guardsBut(allowed: readonly WriteGuard[] = []): WriteGuard[] {
  return ALL_GUARDS.filter((guard) => !allowed.includes(guard));
}

function secretsKept({ paths }: WriteInput, kept: KeptSecrets): readonly ConfigEdit[] {
  if (kept.ok) return kept.edits;
  throw placeholderError(paths.configPath, kept.lost);
}

/** The text with what is stored where it has placeholders for secrets. */
async function withStoredSecrets(
  { text, paths, env, hidden = [] }: WriteInput & ReplaceInput,
  stored: string | undefined,
): Promise<string> {
  if (!mayHavePlaceholders(text)) return text;
  const { restoreText } = await import("./restore-text.ts");
  const checked = await checkText(stored, { paths, env, purpose: "write" });
  const known = checked.ok ? knownSecrets(checked.loaded, hidden) : knownSpellings(hidden);
  const restored = restoreText(text, stored, known);
  if (restored.ok) return restored.text;
  throw placeholderError(paths.configPath, restored.lost);
}

/** Which of the texts wanted for included files are not in them yet. */
function unlikeDisk({ included }: Merged, wanted: IncludedTexts = new Map()): IncludedEdit[] {
  return [...included].flatMap(([real, text]) => {
    const before = wanted.has(real) ? readConfigFile(real) : text;
    return before === text ? [] : [{ real, before, text }];
  });
}

/** The text somebody hands in: what is wrong with it is not wrong with the file. */
async function parseInput(text: string, file: string): Promise<{ value: Record<string, unknown> }> {
  const { issues, value } = await parseConfigText(text, file).then(
    ({ value }) => ({ issues: [], value }),
    (error: unknown) => {
      if (error instanceof InvalidConfig) return { issues: error.issues, value: undefined };
      throw error;
    },
  );
  if (isRecord(value)) return { value };
  const found = issues[0] ?? { path: "<root>", message: "Invalid type: expected an object { … }" };
  throw new ConfigWriteError("invalid", `Config validation failed: ${issueLines([found])[0]}`, {
    issues: [found],
    why: "Nothing was written.",
    fix: "openclaw config schema",
  });
}
