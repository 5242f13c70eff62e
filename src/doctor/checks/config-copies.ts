import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { defineCheck } from "../check.ts";

const COPY = /^\.(rejected|clobbered|bak)\./;
const MANY = 20;
const OLD_MS = 90 * 24 * 3_600_000;

/** Copies of configs have secrets in them and nobody looks at them again. Their number is bounded; this names them. */
export default defineCheck({
  id: "config-copies",
  summary: "few old copies of the config lie around",
  where: "anywhere",
  async inspect({ paths, nowMs }) {
    const folder = dirname(paths.configPath);
    const name = basename(paths.configPath);
    const copies = namesIn(folder)
      .filter((each) => each.startsWith(name) && COPY.test(each.slice(name.length)))
      .map((each) => join(folder, each))
      .flatMap((path) => {
        const found = statSync(path, { throwIfNoEntry: false });
        return found?.isFile() ? [{ path, ageMs: nowMs - found.mtimeMs }] : [];
      });
    const old = copies.filter(({ ageMs }) => ageMs > OLD_MS);
    if (copies.length < MANY && old.length === 0) return [];
    const days = Math.round(Math.max(...copies.map(({ ageMs }) => ageMs)) / 86_400_000);
    return [
      {
        id: "config-copies",
        evidence: [`${copies.length} copies beside ${paths.configPath}, the oldest ${days} days old`],
        ...(old.length > 0 && {
          repair: {
            does: `remove the ${old.length} that are older than 90 days`,
            level: "force" as const,
            changes: old.map(({ path }) => ({ kind: "remove" as const, path })),
          },
        }),
      },
    ];
  },
});

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
