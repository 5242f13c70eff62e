import { nearest } from "../config/nearest.ts";
import { featuresOf, type Spelling, type SpellingIndex } from "./recognise-index.ts";
import { type Paste, wordsOf } from "./recognise-text.ts";

export interface Near {
  spelling: Spelling;
  /** 0 to 1: how much of the spelling is there, and how little else. */
  likeness: number;
}

/** A text may be wrapped over this many lines and is still seen as one. */
const MAX_JOINED_LINES = 3;
/** Of a long log only the beginning and the end are compared word by word. */
const FIRST_LINES = 40;
const LAST_LINES = 160;
const MAX_MISTYPED = 200;
const MISTYPED_FACTOR = 0.8;
/** A likeness rests on at least this much. */
const MIN_WEIGHT = 7;
const MIN_TELLING = 3;
const TELLING_WEIGHT = 2;
const MIN_LIKENESS = 0.6;
/** How much of what a passage says the shared words have to be: in a long one any words come together. */
const MIN_SHARE = 0.3;
/** A short text has to be there whole, alone on its line, if with a typing error. */
const MIN_COMPLETE_LETTERS = 8;

/** What comes close to a known text without being one: by the words they share, the rare ones counting most. */
export function nearMatches(paste: Paste, index: SpellingIndex): Near[] {
  const best = new Map<string, Near>();
  const read = createReader(index);
  for (const line of passages(paste.lines)) {
    for (const near of compare(read(line), index)) {
      const known = best.get(near.spelling.entry.id);
      if (!known || near.likeness > known.likeness) best.set(near.spelling.entry.id, near);
    }
  }
  return [...best.values()];
}

function* passages(lines: readonly string[]): Iterable<string> {
  const kept =
    lines.length <= FIRST_LINES + LAST_LINES
      ? lines
      : [...lines.slice(0, FIRST_LINES), ...lines.slice(-LAST_LINES)];
  for (const [at, line] of kept.entries()) {
    let passage = line;
    yield passage;
    for (let more = 1; more < MAX_JOINED_LINES && at + more < kept.length; more++) {
      passage += ` ${kept[at + more]}`;
      yield passage;
    }
  }
}

/** The features of a line, each with how sure it is that it was meant. */
type Features = ReadonlyMap<string, number>;

function createReader(index: SpellingIndex): (line: string) => Features {
  const meant = new Map<string, string | undefined>();
  function correct(word: string): string | undefined {
    if (!/^[a-z_]{5,60}$/.test(word)) return undefined;
    if (!meant.has(word) && meant.size < MAX_MISTYPED) {
      meant.set(word, nearest(word, index.wordsWith(word[0]!), word.length < 9 ? 1 : 2));
    }
    return meant.get(word);
  }
  return (line) => {
    const features = new Map<string, number>();
    for (const feature of featuresOf(wordsOf(line))) {
      const intended = index.weightOf(feature) > 0 ? undefined : correct(feature);
      if (intended === undefined) features.set(feature, 1);
      else if (!features.has(intended)) features.set(intended, MISTYPED_FACTOR);
    }
    return features;
  };
}

function compare(features: Features, index: SpellingIndex): Near[] {
  const shared = new Map<number, { weight: number; telling: number }>();
  let total = 0;
  for (const [feature, sureness] of features) {
    const weight = index.weightOf(feature) || UNKNOWN_WEIGHT;
    total += weight;
    for (const at of index.having(feature)) {
      const sofar = shared.get(at) ?? { weight: 0, telling: 0 };
      sofar.weight += weight * sureness;
      if (weight >= TELLING_WEIGHT) sofar.telling++;
      shared.set(at, sofar);
    }
  }
  const found: Near[] = [];
  for (const [at, { weight, telling }] of shared) {
    const spelling = index.spellings[at]!;
    const likeness = (weight / spelling.weight) * (0.55 + (0.45 * weight) / total);
    if (likeness < MIN_LIKENESS) continue;
    const enough = weight >= MIN_WEIGHT && telling >= MIN_TELLING && weight / total >= MIN_SHARE;
    if ((enough && !spelling.weak) || isComplete(spelling, features)) found.push({ spelling, likeness });
  }
  return found;
}

/** All of the spelling and nothing else. */
function isComplete(spelling: Spelling, features: Features): boolean {
  return (
    spelling.letters >= MIN_COMPLETE_LETTERS &&
    spelling.features.length === features.size &&
    spelling.features.every((feature) => features.has(feature))
  );
}

/** A word that is in no spelling says that the line is about something else. */
const UNKNOWN_WEIGHT = 3;
