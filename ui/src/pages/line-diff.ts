export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

const CONTEXT = 2;
/** Above it the middle is shown as replaced: the table below would take that many cells squared. */
const MAX_MIDDLE = 1_500;

/** What changes between two texts, line by line, with a little of what stays around it. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = compare(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (middle.length === 0) return [];
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...a.slice(Math.max(0, head - CONTEXT), head).map(same),
    ...middle,
    ...a.slice(a.length - tail, a.length - tail + CONTEXT).map(same),
  ];
}

function compare(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length > MAX_MIDDLE || b.length > MAX_MIDDLE) return [...a.map(removed), ...b.map(added)];
  // Longest common subsequence of the rest, from the end.
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i]! });
      i++;
      j++;
    } else if (
      j >= b.length ||
      (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      lines.push(removed(a[i++]!));
    } else lines.push(added(b[j++]!));
  }
  return lines;
}

/** Lines of a unified diff, as the gateway writes them. */
export function unifiedLines(lines: readonly string[]): DiffLine[] {
  return lines.map((line) => {
    const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
    return { kind, text: kind === "same" ? line : line.slice(1) };
  });
}
