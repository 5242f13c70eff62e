import {
  AliasNotFoundError,
  ArgumentParseError,
  buildApplication,
  buildCommand,
  EnumValidationError,
  FlagNotFoundError,
  run,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { nearest } from "../config/nearest.ts";
import { type AnyCommand, type OptionSpec, type Options, optionsOf, type PositionalSpec } from "./command.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { kebab } from "./kebab.ts";
import { optionFlag } from "./option-flag.ts";
import { didYouMean, UsageError } from "./usage.ts";

/** Turns what was typed after the command's name into its typed arguments. Throws `UsageError`. */
export async function parseArguments(
  command: AnyCommand,
  words: readonly string[],
  tokens: readonly string[],
): Promise<Record<string, unknown>> {
  const options = optionsOf(command);
  const typed = plainTokens(tokens, options, words);
  const positionals = Object.entries(command.positionals);
  let parsed: Record<string, unknown> = {};
  let problem: unknown;

  const target = buildCommand<Record<string, unknown>, unknown[]>({
    docs: { brief: command.summary },
    parameters: {
      flags: flagsOf(options),
      aliases: aliasesOf(options),
      positional: positionalsOf(positionals) as never,
    },
    func(flags, ...values) {
      parsed = { ...flags };
      for (const [at, [name, { rest }]] of positionals.entries())
        parsed[name] = rest ? values.join(" ") || undefined : values[at];
    },
  });
  const text = {
    ...text_en,
    exceptionWhileParsingArguments(error: unknown) {
      problem ??= error;
      return "";
    },
  };
  const silent = { write() {} };
  const scanner = { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true } as const;
  const application = buildApplication(target, { name: "openclaw", scanner, localization: { text } }, {});
  await run(application, typed, {
    process: { stdout: silent, stderr: silent, env: {}, exitCode: undefined },
  });
  if (problem) throw explain(problem, options, words);
  requireAll(options, parsed, words);
  return parsed;
}

function positionalsOf(positionals: readonly (readonly [name: string, spec: PositionalSpec])[]) {
  const parameters = positionals.map(([name, { summary, optional }]) => ({
    brief: summary,
    placeholder: name,
    parse: String,
    optional,
  }));
  return positionals[0]?.[1].rest
    ? { kind: "array", parameter: parameters[0] }
    : { kind: "tuple", parameters };
}

/** The parser looks options up in plain objects and would find these. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype).map(kebab));

/**
 * What the parser does not know: options with several spellings, `--name=value` with a value that is empty or has
 * line breaks, and that `--constructor` is no option.
 */
function plainTokens(tokens: readonly string[], options: Options, words: readonly string[]): string[] {
  const renamed = new Map<string, string>();
  for (const [name, { otherNames = [] }] of Object.entries(options)) {
    for (const other of otherNames) renamed.set(`--${other}`, `--${kebab(name)}`);
  }
  const end = tokens.indexOf("--");
  const scanned = end === -1 ? tokens : tokens.slice(0, end);
  const plain = scanned.flatMap((token) => {
    const [, given, value] = /^(--[\w.-]+)(?:=([\s\S]*))?$/.exec(token) ?? [];
    if (given === undefined) return [token];
    if (INHERITED.has(kebab(given.slice(2)))) throw unknownOption(given, options, words);
    const flag = renamed.get(given) ?? given;
    if (value === undefined) return [flag];
    return value === "" || /[\r\n\u2028\u2029]/.test(value) ? [flag, value] : [`${flag}=${value}`];
  });
  return [...plain, ...tokens.slice(scanned.length)];
}

function flagsOf(options: Options): never {
  return Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, optionFlag(spec)])) as never;
}

function aliasesOf(options: Options): never {
  const aliases = Object.entries(options).flatMap(([name, { alias }]) => (alias ? [[alias, name]] : []));
  return Object.fromEntries(aliases) as never;
}

function requireAll(options: Options, parsed: Record<string, unknown>, words: readonly string[]): void {
  for (const [name, spec] of Object.entries(options)) {
    if (isRequired(spec) && parsed[name] === undefined) {
      throw new UsageError(`missing option --${kebab(name)} for "${words.join(" ")}"`, words);
    }
  }
}

function isRequired(spec: OptionSpec): boolean {
  return "required" in spec && spec.required === true;
}

function explain(problem: unknown, options: Options, words: readonly string[]): unknown {
  const command = `"${words.join(" ")}"`;
  const usage = (message: string) => new UsageError(message, words);
  if (problem instanceof FlagNotFoundError) return unknownOption(`--${problem.input}`, options, words);
  if (problem instanceof AliasNotFoundError) return usage(`unknown option -${problem.input} for ${command}`);
  if (problem instanceof EnumValidationError) {
    const known = nearest(problem.input, problem.values);
    const list = `expected one of ${problem.values.join(", ")}`;
    return usage(
      `bad value "${problem.input}" for --${problem.externalFlagName}: ${list}${didYouMean(known)}`,
    );
  }
  if (problem instanceof ArgumentParseError) {
    const wanted = problem.exception instanceof Error ? problem.exception.message : "not understood";
    return usage(`bad value "${problem.input}" for --${problem.externalFlagNameOrPlaceholder}: ${wanted}`);
  }
  if (problem instanceof UnsatisfiedFlagError) return usage(`--${problem.externalFlagName} needs a value`);
  if (problem instanceof UnexpectedFlagError) return usage(`--${problem.externalFlagName} was given twice`);
  if (problem instanceof UnexpectedPositionalError) {
    return usage(`unexpected argument "${problem.input}" for ${command}`);
  }
  if (problem instanceof UnsatisfiedPositionalError) {
    return usage(`missing argument <${problem.placeholder}> for ${command}`);
  }
  return problem;
}

function unknownOption(flag: string, options: Options, words: readonly string[]): UsageError {
  const own = Object.entries(options).flatMap(([name, { otherNames = [] }]) => [kebab(name), ...otherNames]);
  const known = [...own.map((name) => `--${name}`), ...GLOBAL_FLAGS];
  return new UsageError(
    `unknown option ${flag} for "${words.join(" ")}"${didYouMean(nearest(flag, known))}`,
    words,
  );
}
