import { type CommandEntry, optionsOf } from "../command.ts";
import { GLOBAL_OPTIONS } from "../globals.ts";
import { kebab } from "../kebab.ts";

/** What can be typed after some words. */
export interface CompletionNode {
  /** "" at the top, "config set". */
  words: string;
  summary: string;
  subcommands: { word: string; summary: string }[];
  options: CompletionOption[];
}

export interface CompletionOption {
  /** `--log-level`, and `-m` where it has one. */
  flags: string[];
  summary: string;
  takesValue: boolean;
  /** Where only these are accepted. */
  values: readonly string[];
}

const LOG_LEVELS = ["debug", "info", "warn", "error"];

/** Every command with its options, out of the same specs its arguments are parsed by. Loads all of them. */
export async function completionTree(table: readonly CommandEntry[]): Promise<CompletionNode[]> {
  const nodes = await Promise.all(
    table.map(async (entry): Promise<CompletionNode> => {
      const words = entry.words.join(" ");
      const subcommands = entry.group ? below(table, entry.words) : [];
      const own = entry.group ? table.find(isDefaultOf(entry)) : entry;
      const options = own && !own.group ? await optionsAt(own) : [];
      return { words, summary: entry.summary, subcommands, options: [...options, ...GLOBALS] };
    }),
  );
  return [
    { words: "", summary: "", subcommands: below(table, []), options: [...GLOBALS, VERSION] },
    ...nodes,
  ];
}

const ALL: CompletionOption[] = GLOBAL_OPTIONS.map(([option, summary]) => ({
  flags: option.split(/[ ,]+/).filter((word) => word.startsWith("-")),
  summary,
  takesValue: option.includes("<"),
  values: option.startsWith("--log-level") ? LOG_LEVELS : [],
}));
const VERSION = ALL.find(({ flags }) => flags.includes("--version"))!;
const GLOBALS = ALL.filter((option) => option !== VERSION);

function isDefaultOf({ words, default: name }: { words: readonly string[]; default?: string }) {
  const wanted = [...words, name].join(" ");
  return (entry: CommandEntry) => name !== undefined && entry.words.join(" ") === wanted;
}

function below(
  table: readonly CommandEntry[],
  words: readonly string[],
): { word: string; summary: string }[] {
  const prefix = words.map((word) => `${word} `).join("");
  return table
    .filter(
      (entry) => entry.words.length === words.length + 1 && `${entry.words.join(" ")} `.startsWith(prefix),
    )
    .map((entry) => ({ word: entry.words.at(-1)!, summary: entry.summary }));
}

async function optionsAt(entry: Extract<CommandEntry, { group?: undefined }>): Promise<CompletionOption[]> {
  const { default: command } = await entry.load();
  return Object.entries(optionsOf(command)).map(([name, spec]) => ({
    flags: [`--${kebab(name)}`, ...(spec.alias ? [`-${spec.alias}`] : [])],
    summary: spec.summary,
    takesValue: spec.type !== "boolean",
    values: spec.type === "choice" ? spec.values : [],
  }));
}
