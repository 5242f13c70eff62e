import { type Token, tokenize } from "@humanwhocodes/momoa";
import { Json5Error, parseTree } from "./json5.ts";

export interface Mended {
  text: string;
  /** What was changed, one each, with its place: `added the missing comma (line 3, column 12)`. */
  steps: string[];
}

/** More mistakes than this are no slips of a hand. */
const MAX_STEPS = 10;

/**
 * Puts right what slips in while editing by hand and has only one possible meaning: a comma left out or typed twice,
 * and brackets that are not closed at the end. Undefined when that is not all that is wrong. What the text says stays
 * as it is; nothing of it is dropped but commas.
 */
export function mendSyntax(text: string): Mended | undefined {
  const steps: string[] = [];
  let current = text;
  for (let round = 0; round <= MAX_STEPS; round++) {
    const error = syntaxError(current);
    if (!error) return steps.length > 0 ? { text: current, steps } : undefined;
    const next = mendOnce(current, error);
    if (!next) return undefined;
    steps.push(next.step);
    current = next.text;
  }
  return undefined;
}

function syntaxError(text: string): Json5Error | undefined {
  try {
    parseTree(text);
    return undefined;
  } catch (error) {
    if (error instanceof Json5Error) return error;
    throw error;
  }
}

function mendOnce(text: string, error: Json5Error): { text: string; step: string } | undefined {
  const { message, position } = error;
  const place = `line ${position.line}, column ${position.column}`;
  const offset = offsetOf(text, position);
  if (message.endsWith("is a comma missing before it?")) {
    const end = endOfTokenBefore(text, offset);
    return end === undefined
      ? undefined
      : { text: insert(text, end, ","), step: `added the missing comma (before ${place})` };
  }
  if (message === 'unexpected ","') {
    return {
      text: text.slice(0, offset) + text.slice(offset + 1),
      step: `removed the comma that is too much (${place})`,
    };
  }
  const [, missing] = /, "([}\]]+)" is missing$/.exec(message) ?? [];
  if (missing === undefined) return undefined;
  const end = text.trimEnd().length;
  return {
    text: `${text.slice(0, end)}\n${missing}${text.slice(end) || "\n"}`,
    step: `added the missing ${JSON.stringify(missing)} at the end`,
  };
}

function offsetOf(text: string, { line, column }: Json5Error["position"]): number {
  const lines = text.split("\n");
  return lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}

/** Comments do not count: the comma belongs behind the value, not behind what is said about it. */
function endOfTokenBefore(text: string, offset: number): number | undefined {
  let tokens: Token[];
  try {
    tokens = tokenize(`${text}\n`, { mode: "json5" });
  } catch {
    return undefined;
  }
  return tokens.findLast(({ type, loc }) => !type.endsWith("Comment") && loc.end.offset <= offset)?.loc.end
    .offset;
}

function insert(text: string, offset: number, what: string): string {
  return text.slice(0, offset) + what + text.slice(offset);
}
