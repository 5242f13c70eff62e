import {
  type DocumentNode,
  type MemberNode,
  parse,
  type Token,
  tokenize,
  type ValueNode,
} from "@humanwhocodes/momoa";
import { type ConfigPath, formatPath } from "./path.ts";
import { MAX_DEPTH } from "./reserved.ts";

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
    this.position = position;
  }
}

/**
 * The syntax tree of JSON or JSON5 text, with ranges and tokens. Throws `Json5Error`.
 * This file and its parser are loaded only when plain JSON is not enough.
 */
export function parseTree(text: string): DocumentNode {
  try {
    const tokens = tokenize(text, { mode: "json5", ranges: true });
    refuseDepth(tokens);
    return parse(text, { mode: "json5", ranges: true, tokens: true });
  } catch (error) {
    throw error instanceof Json5Error
      ? error
      : explain(text, error as Partial<Position> & { offset?: number });
  }
}

function refuseDepth(tokens: readonly Token[]): void {
  let depth = 0;
  for (const { type, loc } of tokens) {
    if (type === "LBrace" || type === "LBracket") depth++;
    else if (type === "RBrace" || type === "RBracket") depth--;
    if (depth > MAX_DEPTH) throw new Json5Error(`nested deeper than ${MAX_DEPTH} levels`, loc.start);
  }
}

/** The parser names token types; a person wants to see the text that is in the way. */
function explain(text: string, error: Partial<Position> & { offset?: number; message?: string }): Json5Error {
  const { line = 1, column = 1, offset = 0, message = "unreadable" } = error;
  const position = { line, column };
  if (text.trim() === "") return new Json5Error("the file is empty", position);
  const tokens = tokensOf(text);
  if (!tokens) return new Json5Error(message.replace(/ found\. \(.*$/, "").replace(/^U/, "u"), position);

  const solid = tokens.filter((token) => !token.type.endsWith("Comment"));
  const at = solid.findIndex((token) => token.range![0] >= offset);
  const open = openBrackets(solid);
  if (at === -1 || (at === solid.length - 1 && open !== "")) {
    const end = solid.at(-1)?.loc.end ?? position;
    const missing = open === "" ? "" : `, ${JSON.stringify(closing(open))} is missing`;
    return new Json5Error(`unexpected end of the file${missing}`, { line: end.line, column: end.column });
  }
  const token = JSON.stringify(text.slice(...solid[at]!.range!).slice(0, 40));
  const before = solid[at - 1];
  if (before && openBrackets(solid.slice(0, at)) === "") {
    return new Json5Error(`unexpected ${token} after the end of the config`, position);
  }
  const comma = before && ENDS.has(before.type) && STARTS.has(solid[at]!.type);
  return new Json5Error(`unexpected ${token}${comma ? "; is a comma missing before it?" : ""}`, position);
}

const ENDS = new Set(["String", "Number", "Boolean", "Null", "RBrace", "RBracket"]);
const STARTS = new Set(["String", "Number", "Boolean", "Null", "Identifier", "LBrace", "LBracket"]);

function tokensOf(text: string): Token[] | undefined {
  try {
    return tokenize(text, { mode: "json5", ranges: true });
  } catch {
    return undefined;
  }
}

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

export function memberName(member: MemberNode): string {
  return member.name.type === "String" ? member.name.value : member.name.name;
}

/** The member that counts: of several with one name the last wins, as in JSON.parse. */
export function findMember(members: readonly MemberNode[], name: string): MemberNode | undefined {
  return members.findLast((member) => memberName(member) === name);
}

/** The value of a tree and the paths of keys that occur more than once. */
export function readTree(tree: DocumentNode): { value: unknown; duplicates: ConfigPath[] } {
  const duplicates: ConfigPath[] = [];

  function read(node: ValueNode, path: ConfigPath): unknown {
    switch (node.type) {
      case "Object": {
        const entries = new Map<string, unknown>();
        for (const member of node.members) {
          const name = memberName(member);
          const here = [...path, name];
          if (entries.has(name)) duplicates.push(here);
          entries.set(name, read(member.value, here));
        }
        // Unlike assignment, this makes an own "__proto__", which the check for reserved keys then sees.
        return Object.fromEntries(entries);
      }
      case "Array":
        return node.elements.map((element, i) => read(element.value, [...path, i]));
      case "Null":
        return null;
      case "NaN":
      case "Infinity":
        throw new Json5Error(`${formatPath(path)} is ${node.type}, which is no setting`, node.loc.start);
      default:
        if (typeof node.value === "number" && !Number.isFinite(node.value)) {
          throw new Json5Error(`the number at ${formatPath(path)} is too large`, node.loc.start);
        }
        return node.value;
    }
  }

  return { value: read(tree.body, []), duplicates };
}

/**
 * Where a path starts in the text: at its key, or at the value of a list entry.
 * `found` says how many parts of the path exist; the position is that of the innermost one.
 */
export function locate(tree: DocumentNode, path: ConfigPath): { position: Position; found: number } {
  let node: ValueNode = tree.body;
  let position: Position = tree.body.loc.start;
  let found = 0;
  for (const segment of path) {
    if (node.type === "Object") {
      const member = findMember(node.members, String(segment));
      if (!member) break;
      position = member.loc.start;
      node = member.value;
    } else if (node.type === "Array") {
      const element = node.elements[Number(segment)];
      if (!element) break;
      position = element.value.loc.start;
      node = element.value;
    } else break;
    found++;
  }
  return { position: { line: position.line, column: position.column }, found };
}
