import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { repairConfig, replaceBroken } from "../config/store.ts";
import type { WriteInput } from "../config/write.ts";
import { writeFileAtomic } from "../platform/files.ts";
import { storageFault } from "../platform/storage-fault.ts";
import type { Change } from "./change.ts";
import { replaceDatabase } from "./replace-database.ts";

/** Makes one change. Returns what there is to say about it. Throws `Fault` where the machine or a guard refuses. */
export async function applyChange(change: Change, config: WriteInput): Promise<string[]> {
  switch (change.kind) {
    case "config-edits":
      await repairConfig({ ...config, edits: change.edits });
      return [];
    case "config-text": {
      const { kept } = await replaceBroken({ ...config, text: change.text });
      return kept === undefined ? [] : [`the file as it was: ${kept}`];
    }
    case "own-token":
      await change.make();
      return [];
    case "service": {
      const { path, content, mode, makeKnown } = change;
      onDisk({ kind: "write", path, content, mode });
      await makeKnown();
      return [`${path} counts from the next start on: openclaw restart`];
    }
    default:
      return onDisk(change);
  }
}

function onDisk(
  change: Exclude<Change, { kind: "config-edits" | "config-text" | "own-token" | "service" }>,
): string[] {
  const path = change.kind === "move" ? change.from : change.path;
  try {
    switch (change.kind) {
      case "chmod":
        chmodSync(change.path, change.mode);
        return [];
      case "chown":
        chownSync(change.path, change.uid, change.gid);
        return [];
      case "write":
        mkdirSync(dirname(change.path), { recursive: true, mode: 0o700 });
        writeFileAtomic(change.path, change.content, { mode: change.mode ?? 0o600 });
        return [];
      case "move":
        if (existsSync(change.to)) throw new Error(`${change.to} exists already`);
        mkdirSync(dirname(change.to), { recursive: true, mode: 0o700 });
        renameSync(change.from, change.to);
        return [`${change.from} is now ${change.to}`];
      case "remove":
        rmSync(change.path, { force: true });
        return [];
      case "replace-database":
        return replaceDatabase(change);
    }
  } catch (error) {
    throw storageFault({ error, path, ours: dirname(path) }) ?? error;
  }
}
