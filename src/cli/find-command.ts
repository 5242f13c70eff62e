import type { CommandEntry, GroupEntry } from "./command.ts";

export interface CommandTable {
  commands: readonly CommandEntry[];
  groups: readonly GroupEntry[];
}

export type Found =
  | { kind: "command"; entry: CommandEntry; args: readonly string[] }
  | { kind: "group"; group: GroupEntry }
  | { kind: "nothing" }
  /** `known` is the group the words were right up to; empty at the top. */
  | { kind: "unknown-command"; typed: string; known: readonly string[] }
  | { kind: "unknown-option"; typed: string; known: readonly string[] };

/** Pure: which command the words name. Options stay in `args`, untouched. */
export function findCommand(table: CommandTable, rest: readonly string[]): Found {
  let group: GroupEntry | undefined;
  for (let depth = 0; ; depth++) {
    const next = rest[depth];
    const words = rest.slice(0, depth);
    if (next === undefined || next.startsWith("-")) return atGroup(table, group, words, rest.slice(depth));

    const named = [...words, next];
    const entry = table.commands.find((candidate) => same(candidate.words, named));
    if (entry) return { kind: "command", entry, args: rest.slice(depth + 1) };

    group = table.groups.find((candidate) => same(candidate.words, named));
    if (!group) return { kind: "unknown-command", typed: named.join(" "), known: words };
  }
}

function atGroup(
  table: CommandTable,
  group: GroupEntry | undefined,
  words: readonly string[],
  args: readonly string[],
): Found {
  const fallback = group?.default && [...words, group.default];
  const entry = fallback && table.commands.find((candidate) => same(candidate.words, fallback));
  if (entry) return { kind: "command", entry, args };
  if (args[0] !== undefined && args[0] !== "--") return { kind: "unknown-option", typed: args[0], known: words };
  return group ? { kind: "group", group } : { kind: "nothing" };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}
