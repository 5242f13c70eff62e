import type { ArrayNode, DocumentNode, ObjectNode } from "@humanwhocodes/momoa";
import { type Span, spanOf } from "./json5.ts";
import { commaAfter, isComment, partsOf, type Splice } from "./text-layout.ts";

/** The splices that take one part out of an object or a list, with its comma and, if it had it alone, its line. */
export function removeItem(
  text: string,
  tree: DocumentNode,
  node: ObjectNode | ArrayNode,
  index: number,
): Splice[] {
  const parts = partsOf(node);
  const span = parts[index]!;
  const tokens = tree.tokens!;
  const comma = commaAfter(tokens, span[1]);
  const [start, end] = spanOf(node);
  const comments = tokens.some(
    (token) => isComment(token) && isOutside(spanOf(token), span) && !isOutside(spanOf(token), [start, end]),
  );
  if (parts.length === 1 && !comments) return [{ span: [start + 1, end - 1], text: "" }];

  const spans: Span[] = [];
  if (comma && text.slice(span[1], comma[0]).trim() === "") spans.push(withLine(text, [span[0], comma[1]]));
  else {
    spans.push(withLine(text, span));
    if (comma) spans.push(comma);
  }
  // Without a comma of its own it was the last one; the comma before it would dangle.
  const before = parts[index - 1];
  const dangling = !comma && before ? commaAfter(tokens, before[1]) : undefined;
  if (dangling) spans.push(dangling);
  return spans.map((each) => ({ span: each, text: "" }));
}

function isOutside(span: Span, of: Span): boolean {
  return span[1] <= of[0] || span[0] >= of[1];
}

/** The span with the blanks it leaves behind: its whole line, or those before the line's end, or those after it. */
function withLine(text: string, [start, end]: Span): Span {
  let left = start;
  while (isBlank(text[left - 1])) left--;
  let right = end;
  while (isBlank(text[right])) right++;
  const startsLine = left === 0 || text[left - 1] === "\n";
  const lineEnd = /^(\r\n|\n|$)/.exec(text.slice(right, right + 2))?.[0];
  if (lineEnd === undefined) return [start, right];
  return startsLine ? [left, right + lineEnd.length] : [left, right];
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}
