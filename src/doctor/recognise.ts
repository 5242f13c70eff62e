import { type CatalogueEntry, findEntry } from "./catalogue.ts";
import { type Spelling, spellingIndex } from "./recognise-index.ts";
import { findLiteral, findPattern, type WordForWord } from "./recognise-literal.ts";
import { nearMatches } from "./recognise-near.ts";
import { readPaste } from "./recognise-text.ts";

export interface Recognised {
  entry: CatalogueEntry;
  /** 0 to 1, to be compared with those of the other answers. */
  score: number;
  /** "cut": it was there but for its end. "similar": other words, a typing error, only a part of it. */
  how: "exact" | "cut" | "similar";
  /** The text of the catalogue it was recognised by: literal, pattern, title or id. */
  spelling: string;
}

interface Candidate extends Recognised {
  /** What was found word for word, without anything between the words. */
  squeezed: string;
}

const MAX_RESULTS = 5;
/** A similar text stays below a literal one. */
const SIMILAR_FACTOR = 0.75;
/** Where a common word is all there is, a similar sentence may be the better answer. */
const WEAK_FLOOR = 0.5;
const EXACT_FLOOR = 0.75;
const EXACT_CEILING = 0.99;
const CUT_FLOOR = 0.745;
/** The weight of two or three telling words: half of the way from the floor to one. */
const HALF_WEIGHT = 12;

/**
 * Which known failures a pasted text is about, best first. Reads the first 16 and the last 48 thousand characters.
 * Pure. Where nothing is similar enough the list is empty: no answer is better than a wrong one.
 */
export function recognise(text: string): Recognised[] {
  const index = spellingIndex();
  const paste = readPaste(text);
  if (paste.words.squeezed === "") return [];

  const best = new Map<string, Candidate>();
  const offer = (candidate: Candidate): void => {
    const known = best.get(candidate.entry.id);
    if (!known || candidate.score > known.score) best.set(candidate.entry.id, candidate);
  };
  for (const id of idsIn(paste.wrapped)) {
    const entry = findEntry(id);
    if (entry) offer({ entry, score: 1, how: "exact", spelling: id, squeezed: id });
  }
  for (const spelling of index.spellings) {
    const found = spelling.pattern
      ? findPattern(spelling, paste)
      : findLiteral(spelling, paste, index.weightOf);
    if (found) offer(literalCandidate(spelling, found, index.weightOf));
  }
  for (const { spelling, likeness } of nearMatches(paste, index)) {
    const score = likeness * SIMILAR_FACTOR;
    offer({ entry: spelling.entry, score, how: "similar", spelling: spelling.text, squeezed: "" });
  }
  return ranked([...best.values()])
    .slice(0, MAX_RESULTS)
    .map(({ squeezed, ...recognised }) => recognised);
}

const MAX_IDS = 100;

/** The doctor puts the id behind what it prints: "The disk is full [disk-full]". A person may type it alone. */
function idsIn(text: string): string[] {
  const bracketed = text.matchAll(/\[([a-z][a-z0-9-]{3,60})\]/g);
  return [text.trim(), ...Array.from(bracketed.take(MAX_IDS), ([, id]) => id!)];
}

function literalCandidate(
  spelling: Spelling,
  { how, features, squeezed, alone }: WordForWord,
  weightOf: (feature: string) => number,
): Candidate {
  let weight = 0;
  for (const feature of features) weight += weightOf(feature);
  const floor = floorOf(spelling, how, alone);
  // Among equal words the longer text wins.
  const score = floor + (EXACT_CEILING - floor) * (weight / (weight + HALF_WEIGHT)) + squeezed.length * 1e-6;
  return { entry: spelling.entry, score, how, spelling: spelling.text, squeezed };
}

function floorOf({ weak }: Spelling, how: WordForWord["how"], alone: boolean): number {
  if (weak && (!alone || how === "cut")) return WEAK_FLOOR;
  return how === "cut" ? CUT_FLOOR : EXACT_FLOOR;
}

/** A good sign steps back behind a failure in the same text, unless the failure is a part of its very words. */
function ranked(candidates: readonly Candidate[]): Candidate[] {
  const failures = candidates.filter(({ entry, how }) => entry.severity !== "info" && how !== "similar");
  const stepsBack = ({ entry, how, squeezed }: Candidate): boolean =>
    entry.severity === "info" &&
    how !== "similar" &&
    failures.some((failure) => !squeezed.includes(failure.squeezed));
  const rank = (candidate: Candidate): number => candidate.score - (stepsBack(candidate) ? 1 : 0);
  return candidates.toSorted((a, b) => rank(b) - rank(a));
}
