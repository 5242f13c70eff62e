import { basename } from "node:path";
import { damagedVersions, recordHandEdit } from "../../config/history.ts";
import { lastGoodPath, promoteLastGood } from "../../config/last-good.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Log } from "../../platform/log.ts";
import type { Paths } from "../../platform/paths.ts";
import type { Scope } from "../../platform/scope.ts";

/** What a gateway that runs with a config leaves on the disk for the day on which it does not. */
export interface Records {
  /** The text as a whole is in force. */
  keepAsGood(loaded: LoadedConfig): void;
  /** An edit by hand becomes a version; commands and clients have made one of theirs. */
  recordEdit(): void;
  /** Says which versions are lost. */
  tellDamage(): void;
}

export function openRecords({ paths, scope, log }: { paths: Paths; scope: Scope; log: Log }): Records {
  let promoted: Promise<unknown> = Promise.resolve();

  return {
    keepAsGood(loaded) {
      // One after the other, so that the newest is the last one.
      const promoting = promoted.then(() => promoteLastGood(loaded));
      promoted = promoting.catch(() => undefined);
      scope.spawn("last good config", async () => {
        const promotion = await promoting;
        if (promotion.kind === "skipped") log.warn(promotion.message);
        if (promotion.kind === "promoted" && promotion.damaged) {
          log.warn(`${lastGoodPath(loaded.path)} was damaged; it is the text in force again`);
        }
      });
    },
    recordEdit() {
      scope.spawn("config history", async (signal) => {
        await recordHandEdit(paths, signal);
      });
    },
    tellDamage() {
      scope.spawn("config history", async () => {
        const names = (await damagedVersions(paths)).map((path) => basename(path));
        if (names.length > 0)
          log.warn(`damaged versions are left out of config history: ${names.join(", ")}`);
      });
    },
  };
}
