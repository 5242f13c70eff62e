import type { DocumentNode, ValueNode } from "@humanwhocodes/momoa";
import { hideSecrets } from "./hide-secrets.ts";
import { findMember, memberName, parseTree, readTree, type Span, spanOf } from "./json5.ts";
import { type ConfigPath, formatPath } from "./path.ts";
import { isPlaceholder, type KeptSecret, keepStoredSecrets } from "./placeholders.ts";
import { REDACTED } from "./redact.ts";
import { insideOf, redactText, shownKey, visitNodes } from "./redact-text.ts";
import { applySplices, isComment, type Splice } from "./text-layout.ts";

export type Restored = { ok: true; text: string } | { ok: false; lost: ConfigPath };

/** A text that can be parsed, and its tree. */
interface Parsed {
  text: string;
  tree: DocumentNode;
}

/**
 * The opposite of `redactText`, for a text that somebody has worked on since: where it has placeholders it gets back
 * what the stored text has there, in the bytes it has there. `known` as when it was redacted. A placeholder in a
 * comment that is another one now stays. `lost` is a placeholder for which nothing is stored. Both texts have to be
 * ones that can be parsed.
 */
export function restoreText(text: string, stored: string | undefined, known: readonly string[]): Restored {
  const source = stored === undefined ? undefined : { text: stored, tree: parseTree(stored) };
  if (source && redactText(source.text, known) === text) return { ok: true, text: source.text };
  const named = source ? withNames({ text, tree: parseTree(text) }, source, known) : text;
  const tree = parseTree(named);
  const lost = keyWithPlaceholder(tree);
  if (lost) return { ok: false, lost };
  const kept = keepStoredSecrets(readTree(tree).value, source && readTree(source.tree).value, known);
  if (!kept.ok) return kept;
  if (!source || kept.edits.length === 0) return { ok: true, text: named };
  return { ok: true, text: applySplices(named, storedValues(tree, kept.edits, source)) };
}

/** Comments and keys as they are stored. */
function withNames({ text, tree }: Parsed, source: Parsed, known: readonly string[]): string {
  const splices = [
    ...storedComments({ text, tree }, source, known),
    ...storedKeys({ text, tree }, source, known),
  ];
  return applySplices(text, splices);
}

function storedComments({ text, tree }: Parsed, source: Parsed, known: readonly string[]): Splice[] {
  const hidden = pairs(
    source.tree.tokens!.filter(isComment).map((token) => source.text.slice(...insideOf(token))),
    known,
  );
  return tree.tokens!.filter(isComment).flatMap((token) => {
    const span = insideOf(token);
    const inside = text.slice(...span);
    if (!inside.includes(REDACTED)) return [];
    const whole = hidden.take(inside);
    const restored =
      whole ??
      inside
        .split("\n")
        .map((line) => hidden.take(line) ?? line)
        .join("\n");
    return [{ span, text: restored }];
  });
}

/** What comments, and their lines, say, by what is shown of them. */
function pairs(
  comments: readonly string[],
  known: readonly string[],
): { take(shown: string): string | undefined } {
  const stored = new Map<string, string[]>();
  const add = (text: string) => {
    const shown = hideSecrets(text, known, REDACTED);
    if (shown !== text) stored.set(shown, [...(stored.get(shown) ?? []), text]);
  };
  for (const comment of comments) {
    add(comment);
    const lines = comment.split("\n");
    if (lines.length > 1) for (const line of lines) add(line);
  }
  return {
    /** In the order of the file; who doubles a comment gets the last one again. */
    take(shown) {
      const texts = stored.get(shown);
      return texts && texts.length > 1 ? texts.shift() : texts?.[0];
    },
  };
}

/** A key is hidden when it has a secret in it. Several that look the same count in their order, if none has come or gone. */
function storedKeys({ text, tree }: Parsed, source: Parsed, known: readonly string[]): Splice[] {
  const stored = new Map<string, string[]>();
  visitNodes(source.tree, {
    key(member) {
      const literal = source.text.slice(...spanOf(member.name));
      const shown = shownKey(member, source.text, known) ?? literal;
      if (shown !== literal) stored.set(shown, [...(stored.get(shown) ?? []), literal]);
    },
  });
  const incoming = new Map<string, Span[]>();
  visitNodes(tree, {
    key({ name }) {
      const literal = text.slice(...spanOf(name));
      if (stored.has(literal)) incoming.set(literal, [...(incoming.get(literal) ?? []), spanOf(name)]);
    },
  });
  return [...incoming].flatMap(([shown, spans]) => {
    const literals = stored.get(shown)!;
    const settled = spans.length === literals.length || new Set(literals).size === 1;
    return settled ? spans.map((span, i) => ({ span, text: literals[i] ?? literals[0]! })) : [];
  });
}

function keyWithPlaceholder(tree: DocumentNode): ConfigPath | undefined {
  let found: ConfigPath | undefined;
  visitNodes(tree, {
    key(member, path) {
      if (memberName(member).includes(REDACTED)) found ??= [...path, memberName(member)];
    },
  });
  return found;
}

/** Also where a key is there twice: the value that does not count is no place for a placeholder either. */
function storedValues(tree: DocumentNode, kept: readonly KeptSecret[], source: Parsed): Splice[] {
  const from = new Map(kept.map((secret) => [formatPath(secret.path), secret.from]));
  const splices: Splice[] = [];
  visitNodes(
    tree,
    {
      value(node, path) {
        const place =
          node.type === "String" && isPlaceholder(node.value) ? from.get(formatPath(path)) : undefined;
        if (place)
          splices.push({
            span: spanOf(node),
            text: source.text.slice(...spanOf(nodeAt(source.tree, place))),
          });
      },
    },
    (path, index) => [...path, index],
  );
  return splices;
}

/** Of a path that is known to be there. */
function nodeAt(tree: DocumentNode, path: ConfigPath): ValueNode {
  return path.reduce<ValueNode>((node, segment) => {
    if (node.type === "Array") return node.elements[Number(segment)]!.value;
    if (node.type === "Object") return findMember(node.members, String(segment))!.value;
    return node;
  }, tree.body);
}
