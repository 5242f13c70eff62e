import { type Block, type Inline, parseBlocks, parseInline } from "../../protocol/markdown.ts";
import type { Run, Tag } from "./html.ts";

/** A wider one would break its lines on a telephone. */
const MAX_TABLE_CHARS = 44;

/** A reply as Telegram can show it: no headings, tables or nested quotes, but what they say. */
export function runsOf(markdown: string): Run[] {
  return joined(parseBlocks(markdown), [], 0);
}

function joined(blocks: readonly Block[], tags: readonly Tag[], depth: number): Run[] {
  return blocks.flatMap((block, at) => [
    ...(at === 0 ? [] : [{ text: depth > 0 ? "\n" : "\n\n", tags }]),
    ...blockRuns(block, tags, depth),
  ]);
}

function blockRuns(block: Block, tags: readonly Tag[], depth: number): Run[] {
  switch (block.kind) {
    case "paragraph":
      return inlineRuns(parseInline(block.text), tags);
    case "heading":
      return inlineRuns(parseInline(block.text), [...tags, { name: "b" }]);
    case "code": {
      const language = block.language === "" ? {} : { language: block.language };
      return [{ text: block.text, tags: [...tags, { name: "pre", ...language }] }];
    }
    case "quote": {
      // Quotes do not go into each other; the inner one is told by its place.
      const isInner = tags.some(({ name }) => name === "blockquote");
      return joined(block.blocks, isInner ? tags : [...tags, { name: "blockquote" }], depth);
    }
    case "list":
      return block.items.flatMap((item, at) => [
        {
          text: `${at === 0 ? "" : "\n"}${"  ".repeat(depth)}${block.ordered ? `${block.start + at}. ` : "• "}`,
          tags,
        },
        ...joined(item, tags, depth + 1),
      ]);
    case "table":
      return tableRuns(block, tags);
    case "rule":
      return [{ text: "———", tags }];
  }
}

function tableRuns({ head, rows }: Extract<Block, { kind: "table" }>, tags: readonly Tag[]): Run[] {
  const bare = (cell: string | undefined) =>
    inlineRuns(parseInline(cell ?? ""), [])
      .map(({ text }) => text)
      .join("");
  const lines = [head, ...rows].map((row) => head.map((_, column) => bare(row[column])));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  if (widths.reduce((sum, width) => sum + width + 3, -3) <= MAX_TABLE_CHARS) {
    const rule = widths.map((width) => "-".repeat(width)).join("-+-");
    const shown = lines.map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join(" | ")
        .trimEnd(),
    );
    return [{ text: [shown[0]!, rule, ...shown.slice(1)].join("\n"), tags: [...tags, { name: "pre" }] }];
  }
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : [{ text: "\n", tags }]),
    { text: "• ", tags },
    ...head.flatMap((title, column): Run[] => [
      ...(column === 0 ? [] : [{ text: `; ${bare(title)}: `, tags }]),
      ...inlineRuns(parseInline(row[column] ?? ""), column === 0 ? [...tags, { name: "b" }] : tags),
    ]),
  ]);
}

function inlineRuns(nodes: readonly Inline[], tags: readonly Tag[]): Run[] {
  return nodes.flatMap((node) => inlineRun(node, tags));
}

function inlineRun(node: Inline, tags: readonly Tag[]): Run[] {
  switch (node.kind) {
    case "text":
      return node.text === "" ? [] : [{ text: node.text, tags }];
    case "code":
      // Telegram shows code without any other style.
      return [
        { text: node.text, tags: [...tags.filter(({ name }) => name === "blockquote"), { name: "code" }] },
      ];
    case "strong":
      return inlineRuns(node.children, [...tags, { name: "b" }]);
    case "em":
      return inlineRuns(node.children, [...tags, { name: "i" }]);
    case "del":
      return inlineRuns(node.children, [...tags, { name: "s" }]);
    case "link":
      return inlineRuns(node.children, [...tags, { name: "a", href: node.href }]);
    case "image":
      return [{ text: node.alt || node.href, tags: [...tags, { name: "a", href: node.href }] }];
  }
}
