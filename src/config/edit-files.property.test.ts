import assert from "node:assert/strict";
import { mkdtempDisposableSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../test/kit/long.ts";
import { isRecord } from "../protocol/frames.ts";
import {
  anyObject,
  anyValue,
  commentsBeside,
  commentsOf,
  type Pen,
  pathIn,
  penOf,
  plain,
  writeDocument,
} from "./document.fixture.ts";
import { editFiles } from "./edit-files.ts";
import { holdersOf } from "./edit-place.ts";
import { type Merged, readMerged } from "./merged.ts";
import { type ConfigPath, getAt, isWithin } from "./path.ts";
import { ConfigWriteError } from "./write-error.ts";

/** The root of a config spread over a main file and included ones, none of which exists on the disk. */
interface Spread {
  text: string;
  included: Map<string, string>;
}

/** Spreads a value over files: as a whole, in part, over nested files, with keys that two files have. */
function spread(value: unknown, pen: Pen, folder: string): Spread {
  const included = new Map<string, string>();

  function file(content: unknown): string {
    const name = `f${included.size}.json5`;
    included.set(join(folder, name), "");
    included.set(join(folder, name), writeDocument(inFiles(content), pen));
    return pen.pick([name, `./${name}`]);
  }

  function inFiles(here: unknown): unknown {
    if (Array.isArray(here)) {
      if (included.size < 12 && pen.pick([true, ...NEVER])) return { $include: file(here) };
      return here.map(inFiles);
    }
    if (!isRecord(here)) return here;
    if (included.size >= 12 || pen.pick([true, true, false])) return mapValues(here, inFiles);
    switch (pen.pick(["whole", "whole", "parts", "parts", "parts", "list of one", "joined"])) {
      case "whole":
        return { $include: file(here) };
      case "list of one":
        return { $include: [file(here)] };
      case "joined": {
        const [one, two] = halves(here, pen);
        return { $include: [file(one), file(two)] };
      }
      default: {
        const [own, other] = halves(here, pen);
        return { $include: file(other), ...mapValues(own, inFiles) };
      }
    }
  }

  const text = writeDocument(inFiles(value), pen);
  return { text, included };
}

/** One in nine. */
const NEVER = Array.from({ length: 8 }, () => false);

function mapValues(object: Record<string, unknown>, map: (value: unknown) => unknown) {
  return Object.fromEntries(Object.entries(object).map(([key, child]) => [key, map(child)]));
}

/** Each key goes to one of the two, some to both; then the value in the second one is hidden, or merged. */
function halves(
  object: Record<string, unknown>,
  pen: Pen,
): [Record<string, unknown>, Record<string, unknown>] {
  const own: Record<string, unknown> = {};
  const other: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(object)) {
    const where = pen.pick(["own", "other", "both"]);
    if (where !== "other") own[key] = child;
    if (where === "other") other[key] = child;
    if (where === "both") other[key] = pen.pick<unknown>([1, "hidden", { a: 1, z: [2] }, [3], child]);
  }
  return [own, other];
}

/** An oracle of its own: the edit, made on a plain value. */
function edited(value: unknown, path: ConfigPath, next: unknown): unknown {
  const copy = structuredClone(value);
  let parent = copy as Record<string | number, unknown>;
  for (const segment of path.slice(0, -1)) parent = parent[segment] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (next !== undefined) parent[last] = next;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

const spreads = fc.tuple(anyObject, fc.infiniteStream(fc.nat(999)));
const edits = fc.record({
  steps: fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }),
  next: fc.option(anyValue, { nil: undefined, freq: 3 }),
});

/** One of several included files, a list in more than one, or a value that hides another has to do with the path. */
function isJoined({ sources }: Merged, path: ConfigPath): boolean {
  if (sources.some(({ joined, mount }) => joined && (isWithin(path, mount) || isWithin(mount, path))))
    return true;
  if (holdersOf(sources, path).length > 1) return true;
  return path.some((_, length) => {
    const here = path.slice(0, length + 1);
    const lists = holdersOf(sources, here).filter((source) =>
      Array.isArray(getAt(source.value, here.slice(source.mount.length))),
    );
    return lists.length > 1;
  });
}

const MAX_REFUSED = 0.2;

test("an edit of included files says what the edit makes of the whole, and every comment beside it stays", async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), "openclaw-spread-"));
  const folder = realpathSync(temporary.path);
  const main = join(folder, "openclaw.json");
  let written = 0;
  let refused = 0;
  let inIncluded = 0;

  const attempt = async (before: Merged, path: ConfigPath, next: unknown) => {
    try {
      return await editFiles(main, before, [{ path, value: next }]);
    } catch (error) {
      if (!(error instanceof ConfigWriteError)) throw error;
      assert.equal(error.kind, "rejected");
      return undefined;
    }
  };

  await fc.assert(
    fc.asyncProperty(spreads, edits, async ([value, numbers], { steps, next }) => {
      const { text, included } = spread(value, penOf(numbers), folder);
      const before = await readMerged(text, main, included).catch(() => undefined);
      // Some of the spreads contradict themselves, such as keys beside an included list.
      fc.pre(before !== undefined && before.sources.length > 1);
      const path = pathIn(before.value, steps);
      const outcome = await attempt(before, path, next);
      if (!outcome) {
        assert.ok(isJoined(before, path), "refused without need");
        refused++;
        return;
      }
      written++;
      if (outcome.included.length > 0) inIncluded++;
      const after = await readMerged(outcome.merged.text, main, outcome.merged.included);
      assert.deepEqual(plain(after.value), plain(edited(before.value, path, next)));

      for (const source of before.sources) {
        const now =
          source.real === undefined ? outcome.merged.text : (outcome.merged.included.get(source.real) ?? "");
        if (now === source.text) continue;
        // Of a file that is below the path as a whole the values go, and what is between them.
        if (source.mount.length > path.length) continue;
        assert.ok(isWithin(path, source.mount));
        const inner = path.slice(source.mount.length);
        const kept = commentsBeside(source.text, inner, next === undefined ? "member" : "value");
        const found = commentsOf(now);
        assert.deepEqual(
          kept.filter((comment) => !found.includes(comment)),
          [],
        );
      }
    }),
    { numRuns: Number(process.env.INCLUDE_EDITS ?? runs(120, 600)) },
  );
  assert.ok(inIncluded > written / 5, `${inIncluded} of ${written} in included files`);
  assert.ok(refused < MAX_REFUSED * (written + refused), `${refused} refused, ${written} written`);
});
