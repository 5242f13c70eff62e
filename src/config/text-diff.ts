/** Lines around a change that are shown with it. */
const CONTEXT = 3;
/** Longer stretches that differ are shown as one removal and one addition. */
const MAX_CELLS = 4_000_000;

type Line = readonly [mark: " " | "-" | "+", text: string];

/** The hunks of a unified diff (`@@ -1,4 +1,5 @@` and lines), without file names; [] when nothing differs. */
export function unifiedDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const lines = compare(linesOf(before), linesOf(after));
  const out: string[] = [];
  for (const [from, to] of hunks(lines)) {
    const shown = lines.slice(from, to);
    const [old, young] = [startsAt(lines, from, "+"), startsAt(lines, from, "-")];
    out.push(`@@ -${range(old, count(shown, "+"))} +${range(young, count(shown, "-"))} @@`);
    out.push(...shown.map(([mark, text]) => `${mark}${text}`));
  }
  return out;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function compare(old: readonly string[], young: readonly string[]): Line[] {
  let head = 0;
  while (head < old.length && head < young.length && old[head] === young[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, young.length) - head;
  while (tail < most && old[old.length - 1 - tail] === young[young.length - 1 - tail]) tail++;
  return [
    ...old.slice(0, head).map((text): Line => [" ", text]),
    ...compareMiddle(old.slice(head, old.length - tail), young.slice(head, young.length - tail)),
    ...old.slice(old.length - tail).map((text): Line => [" ", text]),
  ];
}

/** Keeps the longest common subsequence. */
function compareMiddle(old: readonly string[], young: readonly string[]): Line[] {
  const [rows, columns] = [old.length, young.length];
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  if (rows * columns <= MAX_CELLS) {
    const width = columns + 1;
    const longest = new Uint32Array((rows + 1) * width);
    for (let r = rows - 1; r >= 0; r--) {
      for (let c = columns - 1; c >= 0; c--) {
        longest[r * width + c] =
          old[r] === young[c]
            ? longest[(r + 1) * width + c + 1]! + 1
            : Math.max(longest[(r + 1) * width + c]!, longest[r * width + c + 1]!);
      }
    }
    while (i < rows && j < columns) {
      if (old[i] === young[j]) lines.push([" ", old[i++]!]) && j++;
      else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) lines.push(["-", old[i++]!]);
      else lines.push(["+", young[j++]!]);
    }
  }
  while (i < rows) lines.push(["-", old[i++]!]);
  while (j < columns) lines.push(["+", young[j++]!]);
  return lines;
}

/** Stretches of changed lines with their context; those whose context meets are one. */
function hunks(lines: readonly Line[]): [from: number, to: number][] {
  const out: [number, number][] = [];
  for (const [i, [mark]] of lines.entries()) {
    if (mark === " ") continue;
    const [from, to] = [Math.max(0, i - CONTEXT), Math.min(lines.length, i + CONTEXT + 1)];
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else out.push([from, to]);
  }
  return out;
}

/** Lines of one side; `not` is the mark of the other. */
function count(lines: readonly Line[], not: "-" | "+"): number {
  return lines.filter(([mark]) => mark !== not).length;
}

function startsAt(lines: readonly Line[], from: number, not: "-" | "+"): number {
  return count(lines.slice(0, from), not);
}

/** A range without lines is named after the line before it. */
function range(before: number, lines: number): string {
  const start = lines === 0 ? before : before + 1;
  return lines === 1 ? String(start) : `${start},${lines}`;
}
