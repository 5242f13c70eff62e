/** A text of the catalogue between slashes is a pattern; any other is literal. */
export function isPattern(known: string): boolean {
  return known.length > 2 && known.startsWith("/") && known.endsWith("/");
}

/**
 * Case does not count, and a blank stands for any white space, so that a sentence may be wrapped. A dot stays in its
 * line: what stands in two lines of a log need not belong together.
 */
export function compilePattern(known: string): RegExp {
  const source = known.slice(1, -1).replaceAll(" ?", "\\s*").replaceAll(" ", "\\s+");
  return new RegExp(source, "im");
}

export interface PatternParts {
  /** Its fixed words, without classes, counts and marks. */
  words: string;
  /** A word of letters, in lower case, that is in everything the pattern matches; "" where there is none. */
  needle: string;
}

/** Reads the source once, character by character. Knows the part of the syntax that the catalogue uses. */
export function partsOfPattern(known: string): PatternParts {
  const source = known.slice(1, -1);
  let words = "";
  let needle = "";
  let run = "";
  let depth = 0;
  let alternatives = false;

  function endRun(next: string): void {
    // The last letter before a count or a question mark may be missing.
    const sure = /[?*{]/.test(next) ? run.slice(0, -1) : run;
    if (depth === 0 && sure.length > needle.length) needle = sure;
    run = "";
  }

  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (/[a-z]/i.test(char)) {
      run += char;
      words += char;
      continue;
    }
    endRun(char);
    if (char === "\\") {
      const escaped = source[++at] ?? "";
      words += /[a-z]/i.test(escaped) ? " " : escaped;
    } else if (char === "[") {
      at = endOfClass(source, at);
      words += " ";
    } else if (char === "{") {
      at = source.indexOf("}", at);
      words += " ";
    } else if (char === "(") {
      depth++;
      if (source[at + 1] === "?") at += 2;
      words += " ";
    } else if (char === ")") {
      depth--;
    } else {
      if (char === "|" && depth === 0) alternatives = true;
      words += /[.?*+|^$]/.test(char) ? " " : char;
    }
  }
  endRun("");
  return { words, needle: alternatives ? "" : needle.toLowerCase() };
}

function endOfClass(source: string, begin: number): number {
  let at = begin + 1;
  while (at < source.length && source[at] !== "]") at += source[at] === "\\" ? 2 : 1;
  return at;
}

/** A known text for people to read: of a pattern the fixed words, with … for what differs from case to case. */
export function readable(known: string): string {
  if (!isPattern(known)) return known;
  const source = known
    .slice(1, -1)
    .replace(/\\[bB]/g, "")
    .replace(/\((?:\?:|\?[=!])/g, "(")
    .replace(/(?:\\[SdDwW]|(?<!\\)\[(?:\\.|[^\]\\])+\]|(?<!\\)\.)(?:\{[\d,]+\})?/g, "…")
    .replace(/\\s[+*]?/g, " ");
  return optionalsDropped(source)
    .replace(/(?<!\\)[?^$]/g, "")
    .replace(/\{\d+\}/g, "")
    .replace(/\\(.)/g, "$1")
    .replace(/…(?:[\s]?…)+/g, "…")
    .trim();
}

/** Groups that may be missing go; of the others the brackets go and the alternatives stay. */
function optionalsDropped(source: string): string {
  const less = source.replace(/(?<!\\)\(((?:\\.|[^()\\])*)\)(\?)?/, (_, inside: string, optional?: string) =>
    optional ? "" : inside,
  );
  return less === source ? source : optionalsDropped(less);
}
