/** A unit of systemd read into values, see systemd.syntax(7) and systemd.exec(5). Pure. */
export interface Unit {
  /** Program and arguments of the first ExecStart, without its prefixes. */
  argv: string[];
  /** What `Environment=` sets; files that `EnvironmentFile=` names are the reader's. */
  env: Record<string, string>;
  environmentFiles: { path: string; optional: boolean }[];
  /** Taken away again at the very end. */
  unsetEnvironment: string[];
  user?: string;
}

/** What the `%` signs stand for. */
export interface Specifiers {
  home: string;
  /** Name of the unit, with its suffix. */
  unit: string;
}

/** The texts of a unit and of its drop-ins, in the order in which they count. */
export function parseUnit(texts: readonly string[], specifiers: Specifiers): Unit {
  const settings = texts.flatMap(serviceSettings);
  const values = (key: string) =>
    lastRun(settings.filter(([name]) => name === key).map(([, value]) => value));
  const words = (key: string) =>
    values(key).flatMap((value) => splitWords(value).map((word) => expand(word, specifiers)));
  const env = words("Environment").map((word): [string, string] => {
    const at = word.indexOf("=");
    return [word.slice(0, at), word.slice(at + 1)];
  });
  const user = values("User").at(-1);
  return {
    argv: splitWords((values("ExecStart")[0] ?? "").replace(/^[@\-:+!|]+/, "")).map((word) =>
      expand(word, specifiers).replaceAll("$$", "$"),
    ),
    env: Object.fromEntries(env.filter(([name]) => name !== "")),
    environmentFiles: values("EnvironmentFile").map((value) => ({
      path: expand(value.replace(/^-/, ""), specifiers),
      optional: value.startsWith("-"),
    })),
    unsetEnvironment: words("UnsetEnvironment"),
    ...(user && { user }),
  };
}

/** Key and value of every line in `[Service]`; a backslash at the end goes on with the next line. */
function serviceSettings(text: string): [string, string][] {
  const found: [string, string][] = [];
  let section = "";
  for (const raw of text.replace(/\\\r?\n\s*/g, " ").split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const at = line.indexOf("=");
    if (header === undefined && section === "Service" && at > 0)
      found.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return found;
}

/** An empty value forgets those before it. */
function lastRun(values: readonly string[]): string[] {
  return values.slice(values.lastIndexOf("") + 1);
}

/** Words in quotes keep their blanks; `\"`, `\\`, `\n` and the like are read as in C. */
export function splitWords(value: string): string[] {
  const words = value.match(/(?:[^\s"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'/g, (_, double?: string, single?: string) =>
      (double ?? single ?? "").replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char),
    ),
  );
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", s: " " };

function expand(word: string, { home, unit }: Specifiers): string {
  const name = unit.replace(/\.\w+$/, "");
  const known: Readonly<Record<string, string>> = {
    "%": "%",
    h: home,
    n: unit,
    N: name,
    p: name.split("@")[0]!,
  };
  return word.replace(/%(.)/g, (whole, letter: string) => known[letter] ?? whole);
}

/** The file of an `EnvironmentFile=`: `NAME=value` lines, quotes around the value are taken off. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) found[name] = unquoted(value.trim());
  }
  return found;
}

function unquoted(value: string): string {
  const double = /^"(.*)"$/.exec(value)?.[1];
  if (double !== undefined) return double.replace(/\\(["\\`$])/g, "$1");
  return value.replace(/^'(.*)'$/, "$1");
}
