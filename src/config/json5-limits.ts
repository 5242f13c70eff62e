import { Json5Error, type Position } from "./json5-error.ts";
import { MAX_DEPTH } from "./reserved.ts";

/** Brackets, commas and colons. The parser takes a second and 300 MB for so many; a config has some thousands. */
export const MAX_MARKS = 200_000;

/**
 * Throws `Json5Error` for text that would keep the parser busy for too long, before it begins: nested too deeply, or
 * of too many parts. Looks at each character once.
 */
export function refuseHostileText(text: string): void {
  let depth = 0;
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
      case APOSTROPHE:
        at = endOfString(text, at);
        break;
      case SLASH:
        at = endOfComment(text, at);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        marks++;
        if (++depth > MAX_DEPTH) {
          throw new Json5Error(`nested deeper than ${MAX_DEPTH} levels`, positionAt(text, at));
        }
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
      case COMMA:
      case COLON:
        marks++;
    }
    if (marks > MAX_MARKS) {
      throw new Json5Error(`more than ${MAX_MARKS} brackets, commas and colons`, positionAt(text, at));
    }
  }
}

const LINE_END = /[\n\r\u2028\u2029]/g;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
const STAR = 0x2a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

function endOfString(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** Of a slash that begins no comment: its own place. */
function endOfComment(text: string, start: number): number {
  const next = text.charCodeAt(start + 1);
  if (next === SLASH) {
    LINE_END.lastIndex = start;
    return LINE_END.exec(text)?.index ?? text.length;
  }
  if (next !== STAR) return start;
  const end = text.indexOf("*/", start + 2);
  return end === -1 ? text.length : end + 1;
}

/** 1-based, lines ended as editors end them. */
function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
