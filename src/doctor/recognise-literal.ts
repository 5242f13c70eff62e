import { featuresOf, lettersIn, type Spelling } from "./recognise-index.ts";
import { type Paste, wordsOf } from "./recognise-text.ts";

/** A spelling that is in the text word for word. */
export interface WordForWord {
  /** "cut": the line ends before the spelling does. */
  how: "exact" | "cut";
  /** The telling parts of what was found. */
  features: readonly string[];
  squeezed: string;
  /** It is all of its line, or nearly. */
  alone: boolean;
}

/** In the middle of other words a beginning has to be longer than on a line of its own. */
const MIN_CUT_LETTERS = { alone: 7, among: 17 };
const MIN_CUT_PART = 0.65;
const MIN_CUT_WEIGHT = 4;
/** How much of its line a common word has to be, where nothing else says that this program is meant. */
const ALONE = 0.6;
const SUBJECT = /openclaw|gateway|heartbeat|telegram|discord|slack|websocket/;

type WeightOf = (feature: string) => number;

export function findLiteral(spelling: Spelling, paste: Paste, weightOf: WeightOf): WordForWord | undefined {
  const { words } = paste;
  const { squeezed, features } = spelling;
  if (squeezed === "") return undefined;
  let found: WordForWord | undefined;
  for (const at of occurrences(words.squeezed, squeezed)) {
    if (!words.begins[at] || !words.ends[at + squeezed.length]) continue;
    const line = lineAround(paste, at);
    const alone = squeezed.length / line.length >= ALONE;
    if (alone || !spelling.weak || SUBJECT.test(line)) found = { how: "exact", features, squeezed, alone };
    if (alone) break;
  }
  return found ?? findBeginning(spelling, paste, weightOf);
}

function findBeginning(spelling: Spelling, paste: Paste, weightOf: WeightOf): WordForWord | undefined {
  const { squeezed, letters, features, weak } = spelling;
  if (letters * MIN_CUT_PART < MIN_CUT_LETTERS.alone) return undefined;
  const { words } = paste;
  const beginning = squeezed.slice(0, Math.ceil(squeezed.length * MIN_CUT_PART));
  for (const at of occurrences(words.squeezed, beginning)) {
    if (!words.begins[at]) continue;
    let length = beginning.length;
    while (length < squeezed.length && words.squeezed[at + length] === squeezed[length]) length++;
    if (!words.lineEnds.includes(at + length)) continue;
    const found = squeezed.slice(0, length);
    const alone = found.length === lineAround(paste, at).length;
    if (!alone && (weak || lettersIn(found) < MIN_CUT_LETTERS.among)) continue;
    const seen = featuresOf(words.between(at, at + length));
    if (!isTelling(seen, weightOf)) continue;
    return {
      how: "cut",
      features: seen.filter((feature) => features.includes(feature)),
      squeezed: found,
      alone,
    };
  }
  return undefined;
}

/** One whole word says nothing, however rare; one in the middle of which the line ends does. */
function isTelling(features: readonly string[], weightOf: WeightOf): boolean {
  const [first, ...more] = features;
  if (first !== undefined && more.length === 0) return weightOf(first) === 0;
  let weight = 0;
  for (const feature of features) weight += weightOf(feature) || MIN_CUT_WEIGHT;
  return weight >= MIN_CUT_WEIGHT;
}

function* occurrences(text: string, part: string): Iterable<number> {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) yield at;
}

/** The squeezed line in which something begins. */
function lineAround({ words }: Paste, at: number): string {
  const end = words.lineEnds.find((lineEnd) => lineEnd > at);
  const begin = words.lineEnds.findLast((lineEnd) => lineEnd <= at);
  return words.squeezed.slice(begin ?? 0, end);
}

export function findPattern({ pattern, needle, features }: Spelling, paste: Paste): WordForWord | undefined {
  if (!paste.words.squeezed.includes(needle)) return undefined;
  const expression = pattern!();
  const [matched] = expression.exec(paste.wrapped) ?? expression.exec(paste.unwrapped) ?? [];
  if (matched === undefined) return undefined;
  const words = wordsOf(matched);
  const said = featuresOf(words).filter((feature) => features.includes(feature));
  return { how: "exact", features: said, squeezed: words.join(""), alone: false };
}
