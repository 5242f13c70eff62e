import { Refusal } from "./refusal.ts";

const TAGS = new Set([
  "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler", "span", "a", "code", "pre", "blockquote", "tg-emoji",
]); // biome-ignore format: one line per thought

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** What people see of a text in Telegram's HTML. Refuses what Telegram refuses, in its words. */
export function visibleText(html: string): string {
  const open: string[] = [];
  let text = "";
  for (let at = 0; at < html.length; ) {
    const char = html[at]!;
    if (char === "&") {
      const [whole, name, code] = /^&(?:(\w+)|#(x?[\da-f]+));/i.exec(html.slice(at, at + 12)) ?? [];
      const known = name ? ENTITIES[name] : code && String.fromCodePoint(Number(`0${code}`));
      text += known ?? "&";
      at += known ? whole!.length : 1;
      continue;
    }
    if (char !== "<") {
      text += char;
      at++;
      continue;
    }
    const offset = Buffer.byteLength(html.slice(0, at));
    const tag = /^<(\/?)([a-z][a-z-]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/i.exec(html.slice(at));
    if (!tag) throw unparsable(`Unclosed start tag at byte offset ${offset}`);
    const [whole, closing, name] = tag;
    if (closing) {
      const last = open.pop();
      if (last !== name)
        throw unparsable(
          last === undefined
            ? `Unexpected end tag at byte offset ${offset}`
            : `Unmatched end tag at byte offset ${offset}, expected "</${last}>", found "</${name}>"`,
        );
    } else {
      if (!TAGS.has(name!)) throw unparsable(`Unsupported start tag "${name}" at byte offset ${offset}`);
      open.push(name!);
    }
    at += whole.length;
  }
  if (open.length > 0) throw unparsable(`Can't find end tag corresponding to start tag "${open.at(-1)}"`);
  return text;
}

const unparsable = (why: string) => new Refusal(400, `Bad Request: can't parse entities: ${why}`);
