import type { ArrayNode, DocumentNode, MemberNode, ObjectNode, Token } from "@humanwhocodes/momoa";
import { type Span, spanOf } from "./json5.ts";
import type { PrintStyle } from "./print-value.ts";

export interface Splice {
  span: Span;
  text: string;
}

/** Applies splices that do not overlap; their spans are those of the original text. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let out = text;
  for (const { span, text: replacement } of splices.toSorted((a, b) => b.span[0] - a.span[0])) {
    out = out.slice(0, span[0]) + replacement + out.slice(span[1]);
  }
  return out;
}

/** The whitespace at the start of the line an offset lies on. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^\ufeff?([ \t]*)/.exec(text.slice(start, offset))![1]!;
}

export function isComment(token: Token): boolean {
  return token.type === "LineComment" || token.type === "BlockComment";
}

/** The comma that belongs to what ends at `offset`, whatever comments are in between. */
export function commaAfter(tokens: readonly Token[], offset: number): Span | undefined {
  const next = tokens.find((token) => token.loc.start.offset >= offset && !isComment(token));
  return next?.type === "Comma" ? spanOf(next) : undefined;
}

/** The members of an object, or the values of a list. */
export function partsOf(node: ObjectNode | ArrayNode): Span[] {
  return node.type === "Object" ? node.members.map(spanOf) : node.elements.map(({ value }) => spanOf(value));
}

/** The end of the comments that follow `offset` on its own line, or `offset`. */
export function endOfLineComments(text: string, tokens: readonly Token[], offset: number): number {
  let end = offset;
  for (const token of tokens) {
    const span = spanOf(token);
    if (span[0] < end) continue;
    const between = text.slice(end, span[0]);
    if (!isComment(token) || between.includes("\n")) break;
    end = span[1];
    if (text.slice(...span).includes("\n")) break;
  }
  return end;
}

/** How the document, and the object that is written into, are written. */
export function styleOf(text: string, tree: DocumentNode, container?: ObjectNode): PrintStyle {
  const root = tree.body.type === "Object" ? tree.body : undefined;
  const firstInRoot = root?.members[0];
  const neighbour = container?.members[0] ?? firstInRoot;
  const string = tree.tokens?.find((token) => token.type === "String");
  return {
    unit: (firstInRoot && unitOf(text, firstInRoot)) || "  ",
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    stringQuote: string && text[string.loc.start.offset] === "'" ? "'" : '"',
    keyQuote: neighbour ? quoteOf(text, neighbour) : '"',
  };
}

function unitOf(text: string, member: MemberNode): string | undefined {
  const start = member.loc.start.offset;
  const indent = indentAt(text, start);
  return text.slice(0, start).endsWith(`\n${indent}`) ? indent : undefined;
}

function quoteOf(text: string, { name }: MemberNode): PrintStyle["keyQuote"] {
  if (name.type === "Identifier") return "";
  return text[name.loc.start.offset] === "'" ? "'" : '"';
}
