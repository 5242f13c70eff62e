/** The few kinds of words that are worth a colour. */
export type TokenKind = "comment" | "string" | "number" | "keyword" | "name";
export type Token = { kind: TokenKind | undefined; text: string };

/** More than this is shown plain: whoever reads that much does not need colours, and waits for none. */
const MAX_CHARS = 60_000;

const words = (list: string) => new Set(list.split(" "));
const C_LIKE = words(
  "abstract as async await bool boolean break byte case catch char class const continue default defer delete do double else enum export extends false final finally float fn for func function go if impl implements import in instanceof int interface let long loop match mod mut namespace new nil null of override package private protected pub public readonly return self short signed sizeof static string struct super switch this throw throws trait true try type typeof undefined union unsafe unsigned use using var void volatile where while yield",
);
const PYTHON = words(
  "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield",
);
const RUBY = words(
  "and begin break case class def do else elsif end ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield require",
);
const SHELL = words(
  "case do done elif else esac export fi for function if in local return select set then until while sudo echo cd source exit",
);
const SQL = words(
  "add all alter and as asc begin between by case commit constraint create cross default delete desc distinct drop else end exists foreign from full group having if in index inner insert into is join key left like limit not null offset on or order outer primary references returning right rollback select set table then union unique update using values view when where with",
);
const DATA = words("true false null yes no on off");

interface Language {
  keywords: ReadonlySet<string>;
  comment: string;
  string: string;
  anyCase?: true;
}

const SLASHES = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`;
const HASH = String.raw`(?<![^\s;])#[^\n]*`;
const QUOTED = String.raw`"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?`;
const TICKED = String.raw`${QUOTED}|\x60(?:\\.|[^\x60\\])*\x60?`;
const PYTHON_STRING = String.raw`"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|${QUOTED}`;

const c: Language = { keywords: C_LIKE, comment: SLASHES, string: TICKED };
const python: Language = { keywords: PYTHON, comment: HASH, string: PYTHON_STRING };
const ruby: Language = { keywords: RUBY, comment: HASH, string: QUOTED };
const shell: Language = { keywords: SHELL, comment: HASH, string: TICKED };
const sql: Language = {
  keywords: SQL,
  comment: String.raw`--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`,
  string: QUOTED,
  anyCase: true,
};
const data: Language = { keywords: DATA, comment: `${SLASHES}|${HASH}`, string: QUOTED };
const markup: Language = { keywords: words(""), comment: String.raw`<!--[\s\S]*?(?:-->|$)`, string: QUOTED };

const LANGUAGES: Record<string, Language> = {};
for (const [language, names] of [
  [
    c,
    "js jsx ts tsx mjs cjs javascript typescript c h cc cpp c++ hpp cs csharp java kt kotlin go rs rust swift php scala dart css scss less",
  ],
  [python, "py python python3"],
  [ruby, "rb ruby"],
  [shell, "sh bash zsh shell console fish dockerfile make makefile"],
  [sql, "sql sqlite postgres postgresql mysql"],
  [data, "json json5 jsonc yaml yml toml ini conf properties nginx"],
  [markup, "html xml svg vue"],
] as const)
  for (const name of names.split(" ")) LANGUAGES[name] = language;

/** The text in pieces that together are the text. Not a parser: what it takes wrongly has a wrong colour. */
export function highlight(text: string, name: string): Token[] {
  const language = LANGUAGES[name.toLowerCase()];
  if (!language || text.length > MAX_CHARS) return [{ kind: undefined, text }];
  const { comment, string, keywords, anyCase } = language;
  const pattern = new RegExp(
    `(?<comment>${comment})|(?<string>${string})|(?<number>(?<![\\w.])\\d[\\w.]*)|(?<word>[A-Za-z_$][\\w$]*)`,
    "g",
  );
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const { groups = {}, index, 0: found } = match;
    const kind = groups.comment
      ? "comment"
      : groups.string
        ? "string"
        : groups.number
          ? "number"
          : kindOfWord(found, text[index + found.length]);
    if (kind === undefined) continue;
    if (index > from) tokens.push({ kind: undefined, text: text.slice(from, index) });
    tokens.push({ kind, text: found });
    from = index + found.length;
  }
  if (from < text.length) tokens.push({ kind: undefined, text: text.slice(from) });
  return tokens;

  function kindOfWord(word: string, next: string | undefined): TokenKind | undefined {
    if (keywords.has(anyCase ? word.toLowerCase() : word)) return "keyword";
    return next === "(" ? "name" : undefined;
  }
}
