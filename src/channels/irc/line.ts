/** One line of the protocol, read. Everything in it is said by a server, and most of it by strangers behind it. */
export interface IrcLine {
  /** Unescaped. A tag of a client begins with "+"; all others are the server's word. */
  tags: Readonly<Record<string, string>>;
  /** As it stands: "nick!user@host", or the name of a server. */
  prefix: string;
  nick: string;
  user: string;
  host: string;
  /** In capitals, or three digits. */
  command: string;
  params: readonly string[];
}

const LINE = /^(?:@([^ ]+) +)?(?::([^ ]+) +)?([A-Za-z]+|\d{3})(?: +(.*))?$/s;

/** Undefined for what is no line of the protocol; such a line is skipped. */
export function parseLine(text: string): IrcLine | undefined {
  const match = LINE.exec(text);
  if (!match) return undefined;
  const [, tags = "", prefix = "", command = "", rest = ""] = match;
  return {
    tags: parseTags(tags),
    prefix,
    ...parsePrefix(prefix),
    command: command.toUpperCase(),
    params: parseParams(rest),
  };
}

/** Without "!" and "@" it is a server or, in some numerics, a nick. */
function parsePrefix(prefix: string): { nick: string; user: string; host: string } {
  const match = /^([^!@]+)(?:!([^@]*))?(?:@(.*))?$/.exec(prefix);
  return { nick: match?.[1] ?? "", user: match?.[2] ?? "", host: match?.[3] ?? "" };
}

function parseParams(rest: string): string[] {
  const params: string[] = [];
  for (let left = rest; left !== ""; ) {
    if (left.startsWith(":")) return [...params, left.slice(1)];
    const end = left.indexOf(" ");
    if (end < 0) return [...params, left];
    params.push(left.slice(0, end));
    left = left.slice(end).replace(/^ +/, "");
  }
  return params;
}

const ESCAPED: Readonly<Record<string, string>> = { ":": ";", s: " ", r: "\r", n: "\n" };

function parseTags(text: string): Readonly<Record<string, string>> {
  const tags: Record<string, string> = Object.create(null);
  for (const tag of text.split(";")) {
    const [name, ...value] = tag.split("=");
    if (name) tags[name] = value.join("=").replace(/\\(.?)/gs, (_, char: string) => ESCAPED[char] ?? char);
  }
  return tags;
}

/** What ends a line, or a program's idea of one. */
const LINE_ENDS = /[\r\n\0]+/g;

/**
 * One line without its end, whatever is handed in: a text with a line feed in it cannot become a second command. Only the
 * last parameter may have spaces or be empty; another one that has them would move the rest, and is refused.
 */
export function buildLine(command: string, params: readonly string[]): string {
  const words = params.map((param, index) => {
    const word = param.replace(LINE_ENDS, " ");
    const isPlain = word !== "" && !word.includes(" ") && !word.startsWith(":");
    if (index < params.length - 1 && !isPlain) throw new RangeError(`no parameter of ${command}: "${word}"`);
    return isPlain ? word : `:${word}`;
  });
  return [command, ...words].join(" ");
}
