import type { ArrayNode, DocumentNode, ObjectNode, ValueNode } from "@humanwhocodes/momoa";
import { Fault } from "../platform/fault.ts";
import { insertItem } from "./edit-insert.ts";
import { removeItem } from "./edit-remove.ts";
import { findMember, memberName, parseTree, spanOf } from "./json5.ts";
import { type ConfigPath, formatPath, isReservedKey } from "./path.ts";
import { type PrintStyle, printMember, printValue } from "./print-value.ts";
import { applySplices, indentAt, partsOf, styleOf } from "./text-layout.ts";

/**
 * Puts a value at a path of JSON or JSON5 text. Everything outside of the value stays byte for byte; missing parents
 * are made, a new key is written the way its neighbours are, and the position behind the end of a list appends.
 * Throws `Fault` (1) where a value that is neither object nor list, or a gap in a list, is in the way.
 */
export function setInText(text: string, path: ConfigPath, value: unknown): string {
  const reserved = path.find((segment) => isReservedKey(String(segment)));
  if (reserved !== undefined) throw blocked(path, `"${reserved}" is a reserved name`);
  const tree = parseTree(text);
  let node: ValueNode = tree.body;
  let inBlock = true;
  let [start] = spanOf(node);
  for (const [depth, segment] of path.entries()) {
    if (node.type === "Null") return replace(text, tree, { node, start, inBlock }, nest(path, depth, value));
    const item = childOf(node, segment, path, depth);
    if (!item) return insert(text, tree, { node: node as Container, inBlock }, path, depth, value);
    inBlock = isBlock(text, node as Container);
    start = item.start;
    node = item.node;
  }
  return replace(text, tree, { node, start, inBlock }, value);
}

/** Takes a path away, with its comma; comments stay. Text without that path comes back as it is. */
export function unsetInText(text: string, path: ConfigPath): string {
  const tree = parseTree(text);
  let node: ValueNode = tree.body;
  for (const segment of path.slice(0, -1)) {
    if (node.type !== "Object" && node.type !== "Array") return text;
    const child = stepInto(node, segment);
    if (!child) return text;
    node = child.node;
  }
  const last = path.at(-1);
  if (last === undefined) return text;
  if (node.type === "Array") {
    const index = Number(last);
    return node.elements[index] ? applySplices(text, removeItem(text, tree, node, index)) : text;
  }
  if (node.type !== "Object") return text;
  const index = node.members.findLastIndex((member) => memberName(member) === String(last));
  // A key that is there twice would come back with its earlier value.
  return index === -1 ? text : unsetInText(applySplices(text, removeItem(text, tree, node, index)), path);
}

type Container = ObjectNode | ArrayNode;

interface Spot {
  node: ValueNode;
  /** Where the line of the value is said to begin: at its key, or at itself. */
  start: number;
  /** The parent puts each of its parts on a line of its own. */
  inBlock: boolean;
}

function stepInto(node: Container, segment: string | number): { node: ValueNode; start: number } | undefined {
  if (node.type === "Array") {
    const element = node.elements[Number(segment)];
    return element && { node: element.value, start: spanOf(element.value)[0] };
  }
  const member = findMember(node.members, String(segment));
  return member && { node: member.value, start: spanOf(member)[0] };
}

function childOf(node: ValueNode, segment: string | number, path: ConfigPath, depth: number) {
  const here = formatPath(path.slice(0, depth));
  if (node.type !== "Object" && node.type !== "Array") throw blocked(path, `${here} is a single value`);
  if (node.type === "Array" && !(Number(segment) >= 0 && Number(segment) <= node.elements.length)) {
    throw blocked(path, `${here} is a list of ${node.elements.length}`);
  }
  return stepInto(node, segment);
}

function replace(text: string, tree: DocumentNode, { node, start, inBlock }: Spot, value: unknown): string {
  const span = spanOf(node);
  const style = styleOf(text, tree, node.type === "Object" ? node : undefined);
  const quoted: PrintStyle =
    node.type === "String" ? { ...style, stringQuote: text[span[0]] === "'" ? "'" : '"' } : style;
  const inline = !inBlock && !text.slice(...span).includes("\n");
  const printed = printValue(value, quoted, indentAt(text, start), inline);
  return applySplices(text, [{ span, text: printed }]);
}

function insert(
  text: string,
  tree: DocumentNode,
  { node, inBlock }: { node: Container; inBlock: boolean },
  path: ConfigPath,
  depth: number,
  value: unknown,
): string {
  const style = styleOf(text, tree, node.type === "Object" ? node : undefined);
  const nested = nest(path, depth + 1, value);
  const print = (indent: string, inline: boolean) =>
    node.type === "Object"
      ? printMember(String(path[depth]), nested, style, indent, inline)
      : printValue(nested, style, indent, inline);
  const asBlock = partsOf(node).length > 0 ? isBlock(text, node) : inBlock;
  return applySplices(text, insertItem({ text, tree, node, style, asBlock, print }));
}

/** The value wrapped into what the rest of the path still needs. */
function nest(path: ConfigPath, from: number, value: unknown): unknown {
  return path.slice(from).reduceRight<unknown>((inner, segment) => {
    if (typeof segment === "string") return { [segment]: inner };
    if (segment !== 0) throw blocked(path, "a new list starts at [0]");
    return [inner];
  }, value);
}

function isBlock(text: string, node: Container): boolean {
  const [first] = partsOf(node);
  return first !== undefined && text.slice(spanOf(node)[0], first[0]).includes("\n");
}

function blocked(path: ConfigPath, why: string): Fault {
  return new Fault(`Cannot set ${formatPath(path)}: ${why}`, { fix: "openclaw config schema" });
}
