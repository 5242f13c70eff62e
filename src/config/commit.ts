import { rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import {
  draftFile,
  type FileDraft,
  makeFolders,
  readFileIfExists,
  writeFileAtomic,
} from "../platform/files.ts";
import { storageFault } from "../platform/storage-fault.ts";
import type { CheckedDraft, Current, WriteInput } from "./draft.ts";
import { dropVersion, recordFound, recordVersion } from "./history.ts";
import { includedFiles, textsOf } from "./included-files.ts";
import { keepCopy } from "./kept-copy.ts";
import { bytesUnlike, readConfigFile } from "./read-file.ts";
import { removeStaleDrafts } from "./stale-drafts.ts";
import { type FileChange, placingOrder } from "./write-order.ts";

/**
 * Compare and swap: true when the files were still what the draft was made from and now have the new texts. All of
 * them are complete on the disk before the first one takes its place, in an order in which a crash leaves a config that
 * loads; when one cannot be put in place those before it get their former texts back. Needs the write lock.
 */
export async function commit(input: WriteInput, current: Current, draft: CheckedDraft): Promise<boolean> {
  const { paths, author, command, now } = input;
  const { raw, nowMs } = current;
  const { text, included, restores } = draft;
  const file = paths.configPath;
  const changed = new Map(included.map(({ real, before }) => [real, before]));
  const found = new Map([...(draft.read ?? []), ...changed]);
  const isStale = () =>
    readConfigFile(file) !== raw || [...found].some(([real, before]) => readConfigFile(real) !== before);
  if (isStale()) return false;
  // Before anything is replaced it is safe in the history, or beside the file where the history cannot have it.
  const files = raw === undefined ? [] : await includedFiles(file, raw);
  if (raw !== undefined) recordFound(paths, { text: raw, files });
  const known = textsOf(file, files);
  for (const [path, before] of [[file, raw] as const, ...changed]) {
    const bytes = bytesUnlike(path, before);
    if (bytes) keepCopy(path, "bak", bytes, nowMs);
    else if (path !== file && before !== undefined && !known.has(path)) keepCopy(path, "bak", before, nowMs);
  }
  const texts = new Map(included.map((edit) => [edit.real, edit.text]));
  const order = await placingOrder(input, current, draft);
  const version = recordVersion(paths, {
    atMs: nowMs,
    author,
    command,
    ...(restores !== undefined && { restores }),
    ...(now && { now }),
    text,
    files: await includedFiles(file, text, texts),
  });
  let done = false;
  try {
    if (isStale()) return false;
    placeAll(order);
    done = true;
  } catch (error) {
    const ours = dirname(file) === paths.stateDir ? paths.stateDir : file;
    throw storageFault({ error, path: file, ours }) ?? error;
  } finally {
    if (!done) dropVersion(paths, version);
  }
  return true;
}

function placeAll(changes: readonly FileChange[]): void {
  using drafts = new DisposableStack();
  const ready: FileDraft[] = [];
  for (const change of changes) {
    const folder = dirname(change.target);
    makeFolders(folder);
    removeStaleDrafts(folder, (name) => name === basename(change.target));
    ready.push(drafts.use(draftFile(change.target, change.text)));
  }
  try {
    for (const draft of ready) draft.place();
  } catch (error) {
    for (const change of changes.toReversed()) putBack(change);
    throw error;
  }
}

/** The write as a whole did not happen. Where not even this succeeds the history still has every text. */
function putBack({ target, before, text }: FileChange): void {
  try {
    if (readFileIfExists(target) !== text) return;
    if (before === undefined) rmSync(target, { force: true });
    else writeFileAtomic(target, before);
  } catch {}
}
