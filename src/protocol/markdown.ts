/** The Markdown that models write, as a tree. Whatever is not understood stays the text it is. */
export type Block =
  | { kind: "paragraph"; text: string }
  | { kind: "heading"; level: number; text: string }
  | { kind: "code"; language: string; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "rule" };

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  /** Never loaded: the address would tell its host that somebody looks (INJ-06). */
  | { kind: "image"; href: string; alt: string };

const MAX_DEPTH = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])\s*(?:\1\s*){2,}$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function parseBlocks(source: string, depth = 0): Block[] {
  const lines = source.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.trim() === "") {
      at++;
      continue;
    }
    const nested = depth < MAX_DEPTH;
    const read =
      readCode(lines, at) ??
      readLine(lines, at) ??
      (nested ? (readQuote(lines, at, depth) ?? readList(lines, at, depth)) : undefined) ??
      readTable(lines, at) ??
      readParagraph(lines, at, nested);
    blocks.push(read.block);
    at = read.next;
  }
  return blocks;
}

interface Read {
  block: Block;
  next: number;
}

/** A fence that is not closed yet is still being written. */
function readCode(lines: readonly string[], at: number): Read | undefined {
  const [, fence, language] = FENCE.exec(lines[at]!) ?? [];
  if (fence === undefined) return undefined;
  let end = at + 1;
  while (end < lines.length && !isClosing(lines[end]!, fence)) end++;
  return {
    block: { kind: "code", language: language ?? "", text: lines.slice(at + 1, end).join("\n") },
    next: end + 1,
  };
}

function isClosing(line: string, fence: string): boolean {
  const trimmed = line.trim();
  return trimmed.length >= fence.length && trimmed === fence[0]!.repeat(trimmed.length);
}

function readLine(lines: readonly string[], at: number): Read | undefined {
  const line = lines[at]!;
  if (RULE.test(line)) return { block: { kind: "rule" }, next: at + 1 };
  const [, marks, text] = HEADING.exec(line) ?? [];
  if (marks === undefined) return undefined;
  return { block: { kind: "heading", level: marks.length, text: text! }, next: at + 1 };
}

function readQuote(lines: readonly string[], at: number, depth: number): Read | undefined {
  const inner: string[] = [];
  let next = at;
  for (; next < lines.length; next++) {
    const quoted = QUOTE.exec(lines[next]!);
    if (!quoted) break;
    inner.push(quoted[1]!);
  }
  if (next === at) return undefined;
  return { block: { kind: "quote", blocks: parseBlocks(inner.join("\n"), depth + 1) }, next };
}

function readList(lines: readonly string[], at: number, depth: number): Read | undefined {
  const first = ITEM.exec(lines[at]!);
  if (!first) return undefined;
  const indent = first[1]!.length;
  const ordered = /\d/.test(first[2]!);
  const items: string[][] = [];
  let next = at;
  for (; next < lines.length; next++) {
    const line = lines[next]!;
    const item = ITEM.exec(line);
    if (item && item[1]!.length <= indent + 1 && item[1]!.length >= indent) {
      if (/\d/.test(item[2]!) !== ordered) break;
      items.push([item[3]!]);
    } else if (line.trim() === "") {
      // A list goes on behind an empty line only with what belongs to it.
      const following = lines[next + 1] ?? "";
      if (!/^\s{2,}\S/.test(following) && ITEM.exec(following)?.[1]?.length !== indent) break;
      items.at(-1)!.push("");
    } else if (/^\s/.test(line) && line.search(/\S/) > indent) {
      items.at(-1)!.push(line.slice(Math.min(line.search(/\S/), indent + first[2]!.length + 1)));
    } else if (item || startsBlock(line)) break;
    else items.at(-1)!.push(line);
  }
  const start = ordered ? Number.parseInt(first[2]!, 10) : 1;
  return {
    block: {
      kind: "list",
      ordered,
      start,
      items: items.map((each) => parseBlocks(each.join("\n"), depth + 1)),
    },
    next,
  };
}

function readTable(lines: readonly string[], at: number): Read | undefined {
  const divider = lines[at + 1];
  if (!lines[at]!.includes("|") || divider === undefined || !divider.includes("-") || !DIVIDER.test(divider))
    return undefined;
  const head = cells(lines[at]!);
  if (cells(divider).length !== head.length) return undefined;
  const rows: string[][] = [];
  let next = at + 2;
  for (; next < lines.length && lines[next]!.includes("|"); next++) rows.push(cells(lines[next]!));
  return { block: { kind: "table", head, rows }, next };
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines: readonly string[], at: number, nested: boolean): Read {
  let next = at + 1;
  while (next < lines.length && lines[next]!.trim() !== "" && !(nested && startsBlock(lines[next]!))) next++;
  return { block: { kind: "paragraph", text: lines.slice(at, next).join("\n") }, next };
}

function startsBlock(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

/** Longer stretches are shown as they are: what is written in one line of that length is no prose. */
const MAX_INLINE_CHARS = 20_000;
const TOKEN =
  /(?<code>(?<ticks>`+)(?<codeText>[^`]|[^`][\s\S]*?[^`])\k<ticks>(?!`))|(?<image>!\[(?<alt>[^\]\n]{0,500})\]\((?<imageHref>[^\s)]{1,2000})[^)\n]{0,200}\))|(?<link>\[(?<label>[^\]\n]{1,500})\]\((?<href>[^\s)]{1,2000})[^)\n]{0,200}\))|(?<angled><https?:\/\/[^\s<>]{1,2000}>)|(?<url>https?:\/\/[^\s<>"'`]{1,2000})|(?<strong>\*\*(?=\S)(?<strongText>[^\n]{0,2000}?\S)\*\*)|(?<del>~~(?=\S)(?<delText>[^\n]{0,2000}?\S)~~)|(?<em>(?<![\w*])\*(?=[^\s*])(?<emText>[^*\n]{0,1000}?[^\s*])\*(?!\*))|(?<under>(?<![\w_])_(?=[^\s_])(?<underText>[^_\n]{0,1000}?[^\s_])_(?!\w))|(?<escaped>\\(?<char>[\\`*_{}[\]()#+\-.!~|>]))/g;

export function parseInline(text: string, depth = 0): Inline[] {
  if (depth > MAX_DEPTH || text.length > MAX_INLINE_CHARS) return [{ kind: "text", text }];
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const node = nodeOf(match.groups!, depth);
    if (!node) continue;
    const { inline, length = match[0].length } = node;
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    found.push(inline);
    from = match.index + length;
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}

function nodeOf(
  groups: Record<string, string | undefined>,
  depth: number,
): { inline: Inline; length?: number } | undefined {
  const inside = (text: string) => parseInline(text, depth + 1);
  if (groups.code !== undefined)
    return { inline: { kind: "code", text: groups.codeText!.replace(/^ (.*) $/, "$1") } };
  if (groups.image !== undefined) {
    const href = safeAddress(groups.imageHref!);
    return href === undefined ? undefined : { inline: { kind: "image", href, alt: groups.alt! } };
  }
  if (groups.link !== undefined) {
    const href = safeAddress(groups.href!);
    return href === undefined
      ? undefined
      : { inline: { kind: "link", href, children: inside(groups.label!) } };
  }
  if (groups.angled !== undefined) {
    const shown = groups.angled.slice(1, -1);
    const href = safeAddress(shown);
    return href === undefined
      ? undefined
      : { inline: { kind: "link", href, children: [{ kind: "text", text: shown }] } };
  }
  if (groups.url !== undefined) {
    const shown = groups.url.replace(/[.,;:!?)\]}'*_]+$/, "");
    const href = safeAddress(shown);
    return href === undefined
      ? undefined
      : { inline: { kind: "link", href, children: [{ kind: "text", text: shown }] }, length: shown.length };
  }
  if (groups.strong !== undefined)
    return { inline: { kind: "strong", children: inside(groups.strongText!) } };
  if (groups.del !== undefined) return { inline: { kind: "del", children: inside(groups.delText!) } };
  const em = groups.emText ?? groups.underText;
  if (em !== undefined) return { inline: { kind: "em", children: inside(em) } };
  return groups.char === undefined ? undefined : { inline: { kind: "text", text: groups.char } };
}

/** Addresses a person may follow; `javascript:`, `data:` and relative ones stay text (INJ-08). */
export function safeAddress(text: string): string | undefined {
  const url = URL.parse(text);
  return url && ["https:", "http:", "mailto:"].includes(url.protocol) ? url.href : undefined;
}
