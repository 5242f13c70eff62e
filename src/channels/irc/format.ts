import type { FormattedPart } from "../channel.ts";
import { cutLine } from "./cut.ts";
import { formatInline, stripFormatting } from "./inline.ts";

/**
 * What of the 512 bytes of a line is left for the text where everything else is as long as it may be: prefix, command and
 * the name of a channel.
 */
export const MAX_TEXT_BYTES = 350;

const MONOSPACE = "\u0011";
const BOLD = "\u0002";
/** What follows an opening fence is the name of a language; "```x```" is code within a line. */
const FENCE = /^\s{0,3}(`{3,}(?!.*`)|~{3,})/;

/**
 * One part for each line: there are no messages of several. A line of code keeps its spaces and is told from text by being
 * monospace; a fence is never open beyond its line.
 */
export function formatMarkdown(markdown: string): FormattedPart[] {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of cleaned(markdown).split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined;
      else if (line.trim() !== "") lines.push(...cutLine(`${MONOSPACE}${line.trimEnd()}`, MAX_TEXT_BYTES));
    } else if (mark) {
      fence = mark;
    } else if (line.trim() !== "") {
      lines.push(...cutLine(formatLine(line), MAX_TEXT_BYTES));
    }
  }
  return lines
    .map((text) => ({ text, plain: stripFormatting(text) }))
    .filter(({ plain }) => plain.trim() !== "");
}

function formatLine(line: string): string {
  const heading = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/.exec(line);
  if (heading) return `${BOLD}${formatInline(heading[1]!).replaceAll(BOLD, "")}${BOLD}`;
  const item = /^(\s*)[*+-]\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line);
  if (item)
    return `${item[1]}- ${item[2] ? (item[2] === " " ? "[ ] " : "[x] ") : ""}${formatInline(item[3]!)}`;
  return formatInline(line.trimEnd());
}

/** Markdown has no control characters; from a model they would be formatting, or worse, nobody meant. */
const cleaned = (markdown: string): string =>
  markdown
    .replace(/\r\n?/g, "\n")
    .replace(/\t/g, "    ")
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, "");
