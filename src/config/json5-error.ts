import type { Token } from "@humanwhocodes/momoa";

/** 1-based, as editors count. */
export interface Position {
  line: number;
  column: number;
}

export class Json5Error extends Error {
  override readonly name = "Json5Error";
  readonly position: Position;
  constructor(reason: string, position: Position) {
    super(reason);
    this.position = { line: position.line, column: position.column };
  }
}

/** What the parser throws. */
export interface ParserError extends Partial<Position> {
  offset?: number;
  message?: string;
}

/**
 * The parser names token types; a person wants to see the text that is in the way.
 * `tokens` is undefined where not even those could be read.
 */
export function explain(text: string, error: ParserError, tokens: readonly Token[] | undefined): Json5Error {
  const { line = 1, column = 1, offset = 0, message = "unreadable" } = error;
  const position = { line, column };
  if (text.trim() === "") return new Json5Error("the file is empty", { line: 1, column: 1 });
  const solid = tokens?.filter((token) => !token.type.endsWith("Comment"));
  if (!solid) {
    if (message.includes("end of input")) return new Json5Error("unexpected end of the file", endOf(text));
    return new Json5Error(message.replace(/ found\. \(.*$/, "").replace(/^U/, "u"), position);
  }
  const at = solid.findIndex((token) => token.loc.start.offset >= offset);
  const open = openBrackets(solid);
  // Where the text just stops, the parser blames the last token or the first character.
  if (message.includes("end of input") || at === -1 || (at === solid.length - 1 && open !== "")) {
    const missing = open === "" ? "" : `, ${JSON.stringify(closing(open))} is missing`;
    return new Json5Error(`unexpected end of the file${missing}`, endOf(text));
  }
  const token = name(text, solid, at);
  const before = solid[at - 1];
  if (before && openBrackets(solid.slice(0, at)) === "") {
    return new Json5Error(`unexpected ${token} after the end of the config`, position);
  }
  const comma = before && ENDS.has(before.type) && STARTS.has(solid[at]!.type);
  return new Json5Error(`unexpected ${token}${comma ? "; is a comma missing before it?" : ""}`, position);
}

/** Brackets, commas and keys are shown as they are. A value is not: it may be a secret, and this goes to the log. */
function name(text: string, tokens: readonly Token[], at: number): string {
  const { type, loc } = tokens[at]!;
  const isValue = (STARTS.has(type) && !type.startsWith("L")) || type === "Infinity" || type === "NaN";
  if (isValue && at > 0 && tokens[at + 1]?.type !== "Colon") return "value";
  return JSON.stringify(text.slice(loc.start.offset, loc.end.offset).slice(0, 40));
}

/** Just behind the last character that is no white space. */
function endOf(text: string): Position {
  const lines = text.trimEnd().split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

const ENDS = new Set(["String", "Number", "Boolean", "Null", "RBrace", "RBracket"]);
const STARTS = new Set(["String", "Number", "Boolean", "Null", "Identifier", "LBrace", "LBracket"]);

function openBrackets(tokens: readonly Token[]): string {
  let open = "";
  for (const { type } of tokens) {
    if (type === "LBrace") open += "{";
    else if (type === "LBracket") open += "[";
    else if (type === "RBrace" || type === "RBracket") open = open.slice(0, -1);
  }
  return open;
}

function closing(open: string): string {
  return [...open]
    .reverse()
    .map((bracket) => (bracket === "{" ? "}" : "]"))
    .join("");
}
