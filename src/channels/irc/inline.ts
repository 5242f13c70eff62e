/** The characters by which IRC switches bold, italics, underline, strike-through, monospace, reverse, and colours. */
const FORMATTING =
  /\u0003(?:\d{1,2}(?:,\d{1,2})?)?|\u0004(?:[0-9a-fA-F]{6}(?:,[0-9a-fA-F]{6})?)?|[\u0002\u000f\u0011\u0016\u001d\u001e\u001f]/g;

/** The words alone. */
export const stripFormatting = (text: string): string => text.replace(FORMATTING, "");

const BOLD = "\u0002";
const ITALIC = "\u001d";
const STRIKE = "\u001e";
const MONOSPACE = "\u0011";

/** Code, links and images are taken out first: nothing inside of them is markup. */
const ATOM =
  /(`+)(.+?)\1(?!`)|!?\[([^\]\n]*)\]\(<?([^\s<>()]*(?:\([^\s<>()]*\))?[^\s<>()]*)>?(?:\s+"[^"]*")?\)|<(https?:\/\/[^\s<>]+)>|\bhttps?:\/\/[^\s<>]+|\\([!-/:-@[-`{-~])/g;

/** The markup inside of a line of Markdown as IRC has it; links become text with the address behind it. */
export function formatInline(markdown: string): string {
  let out = "";
  let from = 0;
  for (const match of markdown.matchAll(ATOM)) {
    out += markdown.slice(from, match.index) + hideMarks(atom(match));
    from = match.index + match[0].length;
  }
  return showMarks(emphasise(out + markdown.slice(from)));
}

function atom([whole, tick, code, label, address, bare, escaped]: RegExpMatchArray): string {
  if (tick) return `${MONOSPACE}${code!.trim() || code!}${MONOSPACE}`;
  if (address !== undefined) return label && label !== address ? `${label} <${address}>` : address;
  return bare ?? escaped ?? whole!;
}

/** Emphasis may reach over an atom ("**see `x`**"), so it is paired in the whole line; what an atom contains is hidden. */
const emphasise = (text: string): string =>
  text
    .replace(/\*\*\*(?=\S)(.+?)(?<=\S)\*\*\*/g, `${BOLD}${ITALIC}$1${ITALIC}${BOLD}`)
    .replace(/\*\*(?=\S)(.+?)(?<=\S)\*\*/g, `${BOLD}$1${BOLD}`)
    .replace(/(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)/g, `${BOLD}$1${BOLD}`)
    .replace(/~~(?=\S)(.+?)(?<=\S)~~/g, `${STRIKE}$1${STRIKE}`)
    .replace(/(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])/g, `${ITALIC}$1${ITALIC}`)
    .replace(/(?<!\w)_(?=[^\s_])(.+?)(?<=[^\s_])_(?!\w)/g, `${ITALIC}$1${ITALIC}`);

/** Out of reach of `emphasise`: a private character for each mark. */
const MARKS = "*_~";
const hideMarks = (text: string): string =>
  text.replace(/[*_~]/g, (mark) => String.fromCharCode(0xf8f0 + MARKS.indexOf(mark)));
const showMarks = (text: string): string =>
  text.replace(/[\uf8f0-\uf8f2]/g, (mark) => MARKS[mark.charCodeAt(0) - 0xf8f0]!);
