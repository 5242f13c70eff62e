import {
  type DocumentNode,
  type LocationRange,
  type MemberNode,
  parse,
  type Token,
  tokenize,
  type ValueNode,
} from "@humanwhocodes/momoa";
import { explain, Json5Error, type ParserError, type Position } from "./json5-error.ts";
import { refuseHostileText } from "./json5-limits.ts";
import { type ConfigPath, formatPath } from "./path.ts";

export { Json5Error } from "./json5-error.ts";

/**
 * The syntax tree of JSON or JSON5 text, with ranges and tokens. Throws `Json5Error`.
 * This file and its parser are loaded only when plain JSON is not enough.
 */
export function parseTree(text: string): DocumentNode {
  try {
    refuseHostileText(text);
    return parse(ended(text), { mode: "json5", tokens: true });
  } catch (error) {
    throw error instanceof Json5Error ? error : explain(text, error as ParserError, tryTokens(text));
  }
}

/** The parser never returns from a string whose last character, and that of the text, is a backslash. */
function ended(text: string): string {
  return `${text}\n`;
}

function tokensOf(text: string): Token[] {
  return tokenize(ended(text), { mode: "json5" });
}

function tryTokens(text: string): Token[] | undefined {
  try {
    return tokensOf(text);
  } catch {
    return undefined;
  }
}

/** A half-open span of the text. */
export type Span = readonly [start: number, end: number];

/** Where a node or token is in the text. (The parser's own `range` counts a Windows line end as one character.) */
export function spanOf({ loc }: { loc: LocationRange }): Span {
  return [loc.start.offset, loc.end.offset];
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
