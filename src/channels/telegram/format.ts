import type { FormattedPart } from "../channel.ts";
import { type Run, toHtml, toPlain } from "./html.ts";
import { runsOf } from "./runs.ts";

/** Of one message, without its markup. */
export const MAX_TEXT = 4_096;

/**
 * A reply in Markdown as messages of Telegram's HTML. A part that ends within a code block, a quote or bold text closes it,
 * and the next one opens it again. `plain` may be longer than `text` shows, by the addresses of links; it is cut then.
 */
export function formatMarkdown(markdown: string): FormattedPart[] {
  return split(runsOf(markdown.replaceAll("\r\n", "\n")), MAX_TEXT)
    .map((runs) => ({ text: toHtml(runs), plain: cut(toPlain(runs)) }))
    .filter(({ plain }) => plain.trim() !== "");
}

function split(runs: readonly Run[], limit: number): Run[][] {
  const text = runs.map((run) => run.text).join("");
  const parts: Run[][] = [];
  for (let from = 0; from < text.length; ) {
    const end =
      text.length - from <= limit ? text.length : from + breakAt(text.slice(from, from + limit + 1), limit);
    parts.push(slice(runs, from, end));
    from = end;
    // What separated the parts belongs to none of them; the indent of a line of code does.
    while (text[from] === "\n") from++;
    if (text[from] === " " && text[from - 1] !== "\n") from++;
  }
  return parts;
}

/** Between two paragraphs at best, else between lines, else between words. */
function breakAt(window: string, limit: number): number {
  for (const [separator, atLeast] of [
    ["\n\n", 0.4],
    ["\n", 0.5],
    [" ", 0.5],
  ] as const) {
    const at = window.lastIndexOf(separator, limit);
    if (at >= limit * atLeast) return at;
  }
  // Not in the middle of a character of two units.
  return /[\uD800-\uDBFF]/.test(window[limit - 1]!) ? limit - 1 : limit;
}

function slice(runs: readonly Run[], from: number, to: number): Run[] {
  let at = 0;
  return runs.flatMap(({ text, tags }) => {
    const begin = at;
    at += text.length;
    const piece = text.slice(Math.max(from - begin, 0), Math.max(to - begin, 0));
    return piece === "" ? [] : [{ text: piece, tags }];
  });
}

const cut = (plain: string): string =>
  plain.length <= MAX_TEXT ? plain : `${plain.slice(0, MAX_TEXT - 1)}…`;
