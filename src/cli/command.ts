import type { CommandContext } from "./context.ts";

interface OptionBase {
  summary: string;
  /** One letter: `-m`. */
  alias?: string;
  /** Older or foreign spellings of the same option, kebab-case without dashes. */
  otherNames?: readonly string[];
  /** What stands for the value in the help, for example `url`. */
  placeholder?: string;
  /** Options of the same section are listed together in the help. */
  section?: string;
}

/** A value option without a default is `undefined` when it is not given; a boolean is then false. */
export type OptionSpec =
  | (OptionBase & { type: "string"; required?: true })
  /** Whole numbers from `min` to `max`. */
  | (OptionBase & { type: "number"; min: number; max: number; default?: number; required?: true })
  | (OptionBase & { type: "boolean" })
  | (OptionBase & { type: "choice"; values: readonly string[]; required?: true })
  /** "2s", "500ms", "5m"; arrives in milliseconds. A bare number counts in `bareUnit`. */
  | (OptionBase & { type: "duration"; bareUnit: "ms" | "s"; default?: number; required?: true });

export interface PositionalSpec {
  summary: string;
  optional?: true;
  /** All words that are left, joined by blanks; the only positional of its command. */
  rest?: true;
}

export type Options = Readonly<Record<string, OptionSpec>>;
/** In the order in which they are typed. */
export type Positionals = Readonly<Record<string, PositionalSpec>>;

type ValueOf<S extends OptionSpec> = S extends { type: "boolean" }
  ? boolean
  : S extends { type: "number" | "duration" }
    ? number
    : S extends { type: "choice"; values: readonly (infer V)[] }
      ? V
      : string;
type Always = { type: "boolean" } | { required: true } | { default: number };

/** What `run` receives: names in camelCase, values parsed. */
export type ArgsOf<O extends Options, P extends Positionals> = {
  [K in keyof O]: O[K] extends Always ? ValueOf<O[K]> : ValueOf<O[K]> | undefined;
} & { [K in keyof P]: P[K] extends { optional: true } ? string | undefined : string };

export interface Command<O extends Options, P extends Positionals, Data> {
  /** One line without a full stop. */
  summary: string;
  /** Further lines for `--help`. */
  description?: readonly string[];
  options: O;
  positionals?: P;
  /** Complete command lines for `--help`. */
  examples?: readonly string[];
  run(args: ArgsOf<O, P>, context: CommandContext): Data | Promise<Data>;
  /**
   * Prints `data` for people. A command that has it also gets `--json`, which prints exactly `data` instead;
   * a command without it prints while it runs.
   */
  render?(data: Data, context: CommandContext): void;
  /** Default 0. For outcomes that are no fault but have to stop a script, such as "not connected". */
  exitCode?(data: Data): number;
}

/** The types are known to the entry and erased for the table, whose arguments were parsed by the same specs. */
export type AnyCommand = Omit<Command<Options, Positionals, unknown>, "run" | "positionals"> & {
  positionals: Positionals;
  run(args: Record<string, unknown>, context: CommandContext): unknown;
};

export function defineCommand<
  const O extends Options,
  const P extends Positionals = Record<never, never>,
  Data = unknown,
>(command: Command<O, P, Data>): AnyCommand {
  return { positionals: {}, ...command } as unknown as AnyCommand;
}

/** The same command under a second name. */
export function defineAlias(command: AnyCommand): AnyCommand {
  return command;
}

export interface Group {
  summary: string;
  /** The command that runs when only the group is typed. */
  default?: string;
}

export function defineGroup(group: Group): Group {
  return group;
}

/** Lines of the generated table. `load` is the only thing that opens a command's file. */
export type CommandEntry = RunnableEntry | GroupEntry;

export interface RunnableEntry {
  words: readonly string[];
  summary: string;
  group?: undefined;
  load(): Promise<{ default: AnyCommand }>;
}

export interface GroupEntry extends Group {
  words: readonly string[];
  group: true;
}

/** The options of a command including the `--json` that every command with data has. */
export function optionsOf(command: AnyCommand): Options {
  if (!command.render || command.options.json) return command.options;
  return { ...command.options, json: { type: "boolean", summary: "print the data as JSON" } };
}
