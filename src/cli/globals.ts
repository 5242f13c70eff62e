import { UsageError } from "./usage.ts";

/** Options that every command understands, before or after its name. */
export interface Globals {
  help: boolean;
  version: boolean;
  dev: boolean;
  noColor: boolean;
  verbose: boolean;
  profile?: string;
  logLevel?: string;
}

export const GLOBAL_OPTIONS: readonly (readonly [option: string, summary: string])[] = [
  ["--profile <name>", "use another state folder, ~/.openclaw-<name>"],
  ["--dev", "the profile dev, on port 19001"],
  ["--log-level <level>", "debug, info, warn or error"],
  ["--verbose", "say more; stack traces for internal errors"],
  ["--no-color", "plain text (also: NO_COLOR=1)"],
  ["-V, --version", "print the version"],
  ["-h, --help", "print this, or the help of a command"],
];

/** The same, each spelling by itself. */
export const GLOBAL_FLAGS = GLOBAL_OPTIONS.map(([option]) => /--[a-z-]+/.exec(option)![0]);

const SWITCHES: Readonly<Record<string, "help" | "version" | "dev" | "noColor" | "verbose">> = {
  "--help": "help",
  "-h": "help",
  "--dev": "dev",
  "--no-color": "noColor",
  "--verbose": "verbose",
};
const VERSION = new Set(["--version", "-V", "-v"]);
const LOG_LEVELS = ["debug", "info", "warn", "error"];

/** Takes the global options out of the command line; `rest` keeps everything else in its order. */
export function splitGlobals(argv: readonly string[]): { globals: Globals; rest: string[] } {
  const globals: Globals = { help: false, version: false, dev: false, noColor: false, verbose: false };
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    if (token === "--") {
      rest.push(...argv.slice(at));
      break;
    }
    const [name, glued] = splitValue(token);
    const wanted = Object.hasOwn(SWITCHES, token) ? SWITCHES[token] : undefined;
    if (wanted) globals[wanted] = true;
    else if (rest.length === 0 && VERSION.has(token)) globals.version = true;
    else if (name === "--profile") globals.profile = glued ?? requireValue(name, argv[++at]);
    else if (name === "--log-level") globals.logLevel = logLevel(glued ?? requireValue(name, argv[++at]));
    else rest.push(token);
  }
  return { globals, rest };
}

function splitValue(token: string): [name: string, value?: string] {
  const at = token.indexOf("=");
  return at === -1 ? [token] : [token.slice(0, at), token.slice(at + 1)];
}

function requireValue(name: string, value: string | undefined): string {
  if (value === undefined || value.startsWith("-")) throw new UsageError(`${name} needs a value`);
  return value;
}

function logLevel(value: string): string {
  if (LOG_LEVELS.includes(value)) return value;
  throw new UsageError(`bad value "${value}" for --log-level: expected one of ${LOG_LEVELS.join(", ")}`);
}
