import { printable } from "../platform/printable.ts";

/** Text from outside for a terminal: lines and tabs stay, everything that could steer the terminal is spelt out. */
export function replyText(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, at) => (at % 2 === 1 ? part.replace("\r", "") : printable(part)))
    .join("");
}
