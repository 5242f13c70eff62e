/** What a pattern may cost decides how much of a text it is shown (DOS-20). */
const CHARS_BY_REPEATS = [4_000, 1_000, 200] as const;
const MAX_PATTERN_CHARS = 256;
/** Each doubles the ways to match. */
const MAX_OPTIONAL = 6;

export interface Mentions {
  mentions(text: string): boolean;
  problems: string[];
}

/**
 * Patterns as the owner wrote them, without regard to case. One whose matching may take exponential time is left out: it
 * is the sender who chooses the text.
 */
export function compileMentions(patterns: readonly string[]): Mentions {
  const problems: string[] = [];
  const compiled = patterns.flatMap((pattern) => {
    const repeats = repeatsOf(pattern);
    if (typeof repeats === "string") {
      problems.push(`mentionPatterns: "${pattern}" is left out: ${repeats}`);
      return [];
    }
    try {
      return [{ pattern: new RegExp(pattern, "iu"), maxChars: CHARS_BY_REPEATS[repeats]! }];
    } catch (error) {
      problems.push(`mentionPatterns: "${pattern}" is left out: ${(error as Error).message}`);
      return [];
    }
  });
  return {
    problems,
    mentions: (text) => compiled.some(({ pattern, maxChars }) => pattern.test(text.slice(0, maxChars))),
  };
}

/** How many parts of the pattern may match a text of any length, or why it may not be used. */
function repeatsOf(pattern: string): number | string {
  if (pattern.length > MAX_PATTERN_CHARS) return `longer than ${MAX_PATTERN_CHARS} characters`;
  /** Per open group: whether anything in it varies. */
  const groups: boolean[] = [];
  let repeats = 0;
  let optional = 0;
  /** Whether what the next quantifier applies to varies by itself. */
  let varies = false;
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at);
    const look = /^\(\?(?:<?[=!])/.exec(rest);
    if (look || /^\\(?:[1-9]|k<)/.test(rest)) return "looking around and back references are not possible";
    const bounds = /^\{\d*(?:,\d*)?\}/.exec(rest)?.[0];
    const sign = pattern[at]!;
    if (sign === "\\") at++;
    else if (sign === "[") at += (/^\[\^?\]?(?:\\.|[^\]\\])*\]/.exec(rest)?.[0].length ?? 1) - 1;
    else if (sign === "(") {
      groups.push(false);
      continue;
    } else if (sign === ")") {
      varies = groups.pop() ?? false;
      mark(varies);
      continue;
    } else if (sign === "|") mark(true);
    else if (sign === "*" || sign === "+" || bounds !== undefined) {
      if (varies) return "a repetition inside of a repetition may take for ever";
      repeats++;
      mark(true);
      if (bounds) at += bounds.length - 1;
    } else if (sign === "?" && !/[*+?}(]/.test(pattern[at - 1] ?? "")) {
      optional++;
      mark(true);
    }
    varies = false;
  }
  if (repeats >= CHARS_BY_REPEATS.length)
    return `at most ${CHARS_BY_REPEATS.length - 1} repetitions are possible`;
  return optional > MAX_OPTIONAL ? `at most ${MAX_OPTIONAL} optional parts are possible` : repeats;

  function mark(isVarying: boolean): void {
    if (isVarying && groups.length > 0) groups[groups.length - 1] = true;
  }
}
