import type { CommandEntry, GroupEntry, RunnableEntry } from "./command.ts";

export type Found =
  /** `group` is set when only the group was typed and this is the command it stands for. */
  | { kind: "command"; entry: RunnableEntry; args: readonly string[]; group?: GroupEntry }
  | { kind: "group"; group: GroupEntry }
  | { kind: "nothing" }
  /** `known` is the group the words were right up to; empty at the top. */
  | { kind: "unknown-command"; typed: string; known: readonly string[] }
  | { kind: "unknown-option"; typed: string; known: readonly string[] };

/** Pure: which command the words name. Options stay in `args`, untouched. */
export function findCommand(table: readonly CommandEntry[], rest: readonly string[]): Found {
  let group: GroupEntry | undefined;
  for (let depth = 0; ; depth++) {
    const words = rest.slice(0, depth);
    const next = rest[depth];
    if (next === undefined || next.startsWith("-")) return atGroup(table, group, words, rest.slice(depth));

    const entry = lookUp(table, [...words, next]);
    if (!entry) return { kind: "unknown-command", typed: [...words, next].join(" "), known: words };
    if (!entry.group) return { kind: "command", entry, args: rest.slice(depth + 1) };
    group = entry;
  }
}

function atGroup(
  table: readonly CommandEntry[],
  group: GroupEntry | undefined,
  words: readonly string[],
  args: readonly string[],
): Found {
  const entry = group?.default === undefined ? undefined : lookUp(table, [...words, group.default]);
  if (entry && !entry.group) return { kind: "command", entry, args, group };
  if (args[0] !== undefined && args[0] !== "--") {
    return { kind: "unknown-option", typed: args[0], known: words };
  }
  return group ? { kind: "group", group } : { kind: "nothing" };
}

function lookUp(table: readonly CommandEntry[], words: readonly string[]): CommandEntry | undefined {
  return table.find((entry) => entry.words.join(" ") === words.join(" "));
}
