import type { DocumentNode, MemberNode, Token, ValueNode } from "@humanwhocodes/momoa";
import { hideSecrets } from "./hide-secrets.ts";
import { memberName, parseTree, type Span, spanOf } from "./json5.ts";
import type { ConfigPath } from "./path.ts";
import { isSecretPath, pathInList, REDACTED, shownName, shownText } from "./redact.ts";
import { applySplices, isComment, type Splice } from "./text-layout.ts";

/**
 * The text of a config for others to see and to write back: byte for byte what it is, but for secrets. A secret value,
 * credentials in a URL, and every `known` secret (`knownSpellings`) in values, keys and comments is a placeholder.
 */
export function redactText(text: string, known: readonly string[]): string {
  const tree = parseTree(text);
  return applySplices(text, [...hiddenValues(text, tree, known), ...hiddenComments(text, tree, known)]);
}

function hiddenValues(text: string, tree: DocumentNode, known: readonly string[]): Splice[] {
  const splices: Splice[] = [];
  visitNodes(tree, {
    value(node, path) {
      const shown = shownValue(node, path, known);
      if (shown !== undefined) splices.push({ span: spanOf(node), text: quoted(shown, text, node) });
    },
    key(member) {
      const shown = shownKey(member, text, known);
      if (shown !== undefined) splices.push({ span: spanOf(member.name), text: shown });
    },
  });
  return splices;
}

/** How a key is written for others to see; undefined for one without a secret. */
export function shownKey(member: MemberNode, text: string, known: readonly string[]): string | undefined {
  const name = memberName(member);
  const shown = shownName(name, known);
  return shown === name ? undefined : quoted(shown, text, member.name);
}

/** Undefined for what can be seen as it is. */
function shownValue(node: ValueNode, path: ConfigPath, known: readonly string[]): string | undefined {
  if (node.type === "Number") return isSecretPath(path) ? REDACTED : undefined;
  if (node.type !== "String") return undefined;
  const shown = shownText(node.value, path, known);
  return shown === node.value ? undefined : shown;
}

function hiddenComments(text: string, tree: DocumentNode, known: readonly string[]): Splice[] {
  return tree.tokens!.filter(isComment).flatMap((token) => {
    const span = insideOf(token);
    const inside = text.slice(...span);
    const shown = hideSecrets(inside, known, REDACTED);
    return shown === inside ? [] : [{ span, text: shown }];
  });
}

/** What a comment says, without the signs that make it one. */
export function insideOf(comment: Token): Span {
  const [start, end] = spanOf(comment);
  return comment.type === "BlockComment" ? [start + 2, end - 2] : [start + 2, end];
}

/** In the quotes of what it stands for. */
function quoted(shown: string, text: string, node: Pick<ValueNode, "loc">): string {
  const json = JSON.stringify(shown);
  if (text[spanOf(node)[0]] !== "'") return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

interface Visitor {
  /** Each value that is neither object nor list, with the path that says whether it is secret. */
  value?(node: ValueNode, path: ConfigPath): void;
  key?(member: MemberNode, path: ConfigPath): void;
}

/** Every node, those of keys that occur twice included. */
export function visitNodes(tree: DocumentNode, visitor: Visitor, listPath = pathInList): void {
  function visit(node: ValueNode, path: ConfigPath): void {
    if (node.type === "Object") {
      for (const member of node.members) {
        visitor.key?.(member, path);
        visit(member.value, [...path, memberName(member)]);
      }
    } else if (node.type === "Array") {
      for (const [i, element] of node.elements.entries()) visit(element.value, listPath(path, i));
    } else visitor.value?.(node, path);
  }
  visit(tree.body, []);
}
