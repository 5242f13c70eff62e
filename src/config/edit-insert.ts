import type { ArrayNode, DocumentNode, ObjectNode } from "@humanwhocodes/momoa";
import { type Span, spanOf } from "./json5.ts";
import type { PrintStyle } from "./print-value.ts";
import { commaAfter, endOfLineComments, indentAt, isComment, partsOf, type Splice } from "./text-layout.ts";

export interface InsertInput {
  text: string;
  tree: DocumentNode;
  node: ObjectNode | ArrayNode;
  style: PrintStyle;
  /** Each part on a line of its own. */
  asBlock: boolean;
  /** The new part, for a line with this indentation. */
  print(indent: string, inline: boolean): string;
}

/** The splices that add one part behind the last of an object or a list. */
export function insertItem(input: InsertInput): Splice[] {
  const last = partsOf(input.node).at(-1);
  return last ? insertBehind(input, last) : insertFirst(input);
}

function insertBehind({ text, tree, style, asBlock, print }: InsertInput, last: Span): Splice[] {
  const end = last[1];
  const comma = commaAfter(tree.tokens!, end);
  // Who ends the last part with a comma wants the new last part to end with one.
  const trailing = comma ? "," : "";
  if (!asBlock) {
    const at = comma?.[1] ?? end;
    return [spliceAt(at, `${comma ? "" : ","} ${print("", true)}${trailing}`)];
  }
  const indent = indentAt(text, last[0]);
  const at = endOfLineComments(text, tree.tokens!, comma?.[1] ?? end);
  const line = `${style.eol}${indent}${print(indent, false)}${trailing}`;
  if (comma) return [spliceAt(at, line)];
  return at === end ? [spliceAt(end, `,${line}`)] : [spliceAt(end, ","), spliceAt(at, line)];
}

function insertFirst({ text, tree, node, style, asBlock, print }: InsertInput): Splice[] {
  const [start, end] = spanOf(node);
  const base = indentAt(text, start);
  const indent = base + style.unit;
  const comment = tree.tokens!.findLast(
    (token) => isComment(token) && token.loc.start.offset > start && token.loc.end.offset < end,
  );
  if (comment) {
    const broken = text.slice(start, end).includes("\n");
    return [
      spliceAt(
        comment.loc.end.offset,
        broken ? `${style.eol}${indent}${print(indent, false)}` : ` ${print("", true)}`,
      ),
    ];
  }
  const inside = asBlock
    ? `${style.eol}${indent}${print(indent, false)}${style.eol}${base}`
    : node.type === "Object"
      ? ` ${print("", true)} `
      : print("", true);
  return [{ span: [start + 1, end - 1], text: inside }];
}

function spliceAt(offset: number, text: string): Splice {
  return { span: [offset, offset], text };
}
