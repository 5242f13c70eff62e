import { type CatalogueEntry, catalogue } from "./catalogue.ts";
import { compilePattern, isPattern, partsOfPattern } from "./recognise-pattern.ts";
import { plainText, wordsOf } from "./recognise-text.ts";

/** One text an entry is known by, ready to be looked for. The title, which the doctor prints, is such a text, too. */
export interface Spelling {
  entry: CatalogueEntry;
  /** As it is in the catalogue. */
  text: string;
  /** Set for a pattern, and made with the first call; literals are looked for by `squeezed`. */
  pattern?: () => RegExp;
  /** A word without which the pattern cannot match, or "". Spares most patterns being tried at all. */
  needle: string;
  squeezed: string;
  /** How long it is, see `lettersIn`. */
  letters: number;
  /** What it is compared by when it is not there word for word: its words, and pairs of Chinese characters. */
  features: readonly string[];
  /** The sum over its features of how telling each is. */
  weight: number;
  /** So short and common that it counts only alone on a line, or in a text that is about this program. */
  weak: boolean;
}

export interface SpellingIndex {
  spellings: readonly Spelling[];
  weightOf(feature: string): number;
  /** Which spellings have a feature, as positions in `spellings`. */
  having(feature: string): readonly number[];
  /** The words that begin with a letter, to compare mistyped ones with. */
  wordsWith(letter: string): readonly string[];
}

let index: SpellingIndex | undefined;

/** Made with the first call. */
export function spellingIndex(): SpellingIndex {
  index ??= build(catalogue());
  return index;
}

/** Words that say nothing, wherever they stand. */
const EMPTY = new Set(
  (
    "a an and are as at be been before but by can cannot do does for from had has have here how i if in into is it " +
    "its may more most no nobody not of off on one only or other out over so such than that the their them then " +
    "there these they this to too under until up was were what when where which while who why will with without " +
    "you your all also any because both each every first last made make makes no now same some two use used uses"
  ).split(" "),
);

const EMPTY_WEIGHT = 0.2;
/** Two neighbouring characters say less than a word, and there are more of them. */
const PAIR_FACTOR = 0.6;
const WEAK_LETTERS = 16;
const CODE_LIKE = /[A-Z]{4,}\d*\b|[a-z]_[a-z]|[A-Z]_[A-Z]/;

function build(entries: readonly CatalogueEntry[]): SpellingIndex {
  const drafts = entries.flatMap((entry) => [...entry.known, entry.title].map((text) => draft(entry, text)));

  const having = new Map<string, number[]>();
  const owners = new Map<string, number>();
  for (const [at, { entry, features }] of drafts.entries()) {
    for (const feature of features) {
      const places = having.get(feature);
      if (!places) having.set(feature, [at]);
      // The spellings of one entry lie side by side.
      if (!places || drafts[places.at(-1)!]!.entry !== entry)
        owners.set(feature, (owners.get(feature) ?? 0) + 1);
      places?.push(at);
    }
  }
  const weights = new Map<string, number>();
  for (const [feature, count] of owners) weights.set(feature, weigh(feature, entries.length / count));
  const weightOf = (feature: string) => weights.get(feature) ?? 0;
  for (const spelling of drafts) spelling.weight = sum(spelling.features, weightOf);
  let vocabulary: ReadonlyMap<string, readonly string[]> | undefined;

  return {
    spellings: drafts,
    weightOf,
    having: (feature) => having.get(feature) ?? [],
    wordsWith(letter) {
      vocabulary ??= Map.groupBy(
        weights.keys().filter((feature) => /^[a-z_]{4,}$/.test(feature)),
        (word) => word[0]!,
      );
      return vocabulary.get(letter) ?? [];
    },
  };
}

function draft(entry: CatalogueEntry, text: string): Spelling {
  const parts = isPattern(text) ? partsOfPattern(text) : undefined;
  const words = wordsOf(plainText(parts ? parts.words : text));
  const squeezed = words.join("");
  const letters = lettersIn(squeezed);
  let compiled: RegExp | undefined;
  return {
    entry,
    text,
    ...(parts && {
      pattern() {
        compiled ??= compilePattern(text);
        return compiled;
      },
    }),
    needle: parts?.needle ?? "",
    squeezed,
    letters,
    features: featuresOf(words),
    weight: 0,
    weak: !parts && letters <= WEAK_LETTERS && !CODE_LIKE.test(text),
  };
}

function weigh(feature: string, rarity: number): number {
  if (EMPTY.has(feature)) return EMPTY_WEIGHT;
  const weight = Math.log(1 + rarity);
  return isHan(feature) ? weight * PAIR_FACTOR : weight;
}

/** How long a text is; a Chinese character says as much as two letters. */
export function lettersIn(squeezed: string): number {
  let letters = squeezed.length;
  for (let at = 0; at < squeezed.length; at++) if (isHanCode(squeezed.charCodeAt(at))) letters++;
  return letters;
}

/** Words as they are; Chinese characters in pairs, since one of them alone says little. */
export function featuresOf(words: readonly string[]): string[] {
  const features: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const next = words[at + 1];
    if (!isHan(word)) features.push(word);
    else if (next !== undefined && isHan(next)) features.push(word + next);
  }
  return [...new Set(features)];
}

const isHan = (word: string): boolean => isHanCode(word.charCodeAt(0));

function isHanCode(code: number): boolean {
  return code >= 0x3400 && code <= 0x9fff;
}

export function sum(features: Iterable<string>, weightOf: (feature: string) => number): number {
  let total = 0;
  for (const feature of features) total += weightOf(feature);
  return total;
}
