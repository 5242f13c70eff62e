import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Clock } from "../../platform/clock.ts";

export interface WatchInput {
  clock: Clock;
  /** Quiet time after the last sign of a change. */
  settleMs(): number;
  /** Something may have changed. Called again only after a further sign of a change. */
  onSettled(): void;
}

/** Notices edits of files, however they are made: in place, by rename over them, by removal. */
export interface ConfigWatch extends Disposable {
  follow(files: readonly string[]): void;
  /** The same as a sign of a change. */
  poke(): void;
}

/** Some file systems report nothing, and a link may be turned to another folder: a look costs microseconds. */
const LOOK_EVERY_MS = 5_000;
/** Who never stops writing is read in between all the same. */
const MAX_UNSETTLED_MS = 1_000;

export function watchConfig({ clock, settleMs, onSettled }: WatchInput): ConfigWatch {
  let files: readonly string[] = [];
  let folders: FSWatcher[] = [];
  let seen = "";
  let unsettledSince: number | undefined;
  let timer: Disposable | undefined;
  const looks = clock.every(LOOK_EVERY_MS, () => {
    if (fingerprint(files) !== seen) poke();
  });

  function poke(): void {
    const now = clock.monotonic();
    unsettledSince ??= now;
    const quietMs = settleMs();
    const latest = unsettledSince + Math.max(quietMs, MAX_UNSETTLED_MS);
    timer?.[Symbol.dispose]();
    timer = clock.after(Math.max(0, Math.min(quietMs, latest - now)), settled);
  }

  function settled(): void {
    unsettledSince = undefined;
    seen = fingerprint(files);
    onSettled();
  }

  function unwatch(): void {
    for (const folder of folders) folder.close();
    folders = [];
  }

  return {
    follow(wanted) {
      if (wanted.join("\n") === files.join("\n")) return;
      files = wanted;
      seen = fingerprint(files);
      unwatch();
      folders = [...foldersOf(files)].flatMap(([folder, names]) => watchFolder(folder, names, poke));
    },
    poke,
    [Symbol.dispose]() {
      looks[Symbol.dispose]();
      timer?.[Symbol.dispose]();
      unwatch();
    },
  };
}

/** The folder and not the file: an atomic write puts another file in its place. */
function watchFolder(folder: string, names: ReadonlySet<string>, onChange: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === null || names.has(name)) onChange();
    });
    // The folder went away, or the system has no watches left: the regular look goes on.
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

function foldersOf(files: readonly string[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const names = folders.get(dirname(file)) ?? new Set();
    folders.set(dirname(file), names.add(basename(file)));
  }
  return folders;
}

function fingerprint(files: readonly string[]): string {
  return files.map(stamp).join("\n");
}

function stamp(file: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
