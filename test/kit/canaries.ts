import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Secrets that can be told from everything else: `SEC-<place>-<random>`, each with the files it may be in. */
export interface Canaries {
  /** A new secret. `homes` are the files of the state folder that are made to keep it. */
  plant(place: string, homes?: readonly RegExp[]): string;
  /** One that the program made itself. */
  adopt(place: string, value: string, homes?: readonly RegExp[]): void;
  /** Every canary that is somewhere it should not be, as "place in where". */
  search(found: readonly Haystack[]): string[];
  count(): number;
}

export interface Haystack {
  where: string;
  bytes: Buffer;
}

interface Canary {
  place: string;
  spellings: readonly string[];
  homes: readonly RegExp[];
}

export function openCanaries(): Canaries {
  const canaries: Canary[] = [];
  const adopt = (place: string, value: string, homes: readonly RegExp[] = []) => {
    const base64 = Buffer.from(value).toString("base64");
    canaries.push({
      place,
      homes,
      spellings: [value, encodeURIComponent(value), base64, JSON.stringify(value).slice(1, -1)],
    });
  };
  return {
    adopt,
    plant(place, homes) {
      const [front, back] = [randomBytes(5).toString("hex"), randomBytes(5).toString("hex")];
      const value = `SEC-${place}-${front}${back}`;
      // Half of a secret is found as well.
      for (const part of [value, front, back]) adopt(place, part, homes);
      return value;
    },
    search: (found) =>
      canaries.flatMap(({ place, spellings, homes }) =>
        found
          .filter(
            ({ where, bytes }) =>
              spellings.some((text) => bytes.includes(text)) && !homes.some((home) => home.test(where)),
          )
          .map(({ where }) => `${place} in ${where}`),
      ),
    count: () => canaries.length,
  };
}

/** Every file below a folder, with all its bytes. */
export function filesAsHaystacks(dir: string): Haystack[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ where: `file ${relative(dir, path)}`, bytes: readFileSync(path) }));
}
