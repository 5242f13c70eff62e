import { isRecord } from "../protocol/frames.ts";
import { InvalidConfig } from "./invalid.ts";
import { mendSyntax } from "./mend.ts";
import { parseConfigText } from "./parse.ts";
import { configSchema } from "./schema.ts";

/** A config with something around it that is none: a sentence, a shell prompt, the fence of a code block. */
export interface Embedded {
  before: string;
  text: string;
  after: string;
}

/** Brackets that are looked at as the beginning. */
const MAX_BEGINNINGS = 20;

const SECTIONS = new Set(
  Object.keys((configSchema as unknown as { pipe: { entries?: object }[] }).pipe.at(-1)!.entries!),
);

/** Undefined unless there is exactly one way to read it, and what is inside is an object with a section we know. */
export async function findEmbedded(whole: string): Promise<Embedded | undefined> {
  let from = 0;
  for (let tries = 0; tries < MAX_BEGINNINGS; tries++) {
    const start = whole.indexOf("{", from);
    if (start === -1) return undefined;
    const end = endOfObject(whole, start);
    from = start + 1;
    if (end === undefined) continue;
    const text = await asConfig(whole.slice(start, end));
    if (text === undefined) continue;
    const [before, after] = [whole.slice(0, start), whole.slice(end)];
    return before.trim() === "" && after.trim() === "" ? undefined : { before, text: `${text}\n`, after };
  }
  return undefined;
}

/** As it is, or with the slips of a hand put right. */
async function asConfig(text: string): Promise<string | undefined> {
  if (await isConfig(text)) return text;
  const mended = mendSyntax(text)?.text;
  return mended !== undefined && (await isConfig(mended)) ? mended : undefined;
}

async function isConfig(text: string): Promise<boolean> {
  try {
    const { value } = await parseConfigText(text, "");
    return isRecord(value) && Object.keys(value).some((key) => SECTIONS.has(key));
  } catch (error) {
    if (error instanceof InvalidConfig) return false;
    throw error;
  }
}

/** Behind the bracket that closes the one at `start`; strings and comments are passed over. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"' || char === "'") i = endOfString(text, i);
    else if (text.startsWith("//", i)) i = indexOr(text, "\n", i);
    else if (text.startsWith("/*", i)) i = indexOr(text, "*/", i) + 1;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i + 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === text[start]) return i;
  }
  return text.length;
}

function indexOr(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}
