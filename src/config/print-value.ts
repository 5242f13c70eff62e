/** How a piece of JSON5 is written, taken from its neighbours. */
export interface PrintStyle {
  /** One level of indentation. */
  unit: string;
  eol: "\n" | "\r\n";
  stringQuote: '"' | "'";
  /** "" writes keys bare where the language allows it. */
  keyQuote: '"' | "'" | "";
}

/** Lists of plain values up to this length stay on one line. */
const MAX_INLINE_CHARS = 80;

/**
 * A JSON value as JSON5 text. `indent` is that of the line the text starts on; `inline` keeps it on one line.
 * Throws `TypeError` for what JSON cannot say: functions, NaN, undefined.
 */
export function printValue(value: unknown, style: PrintStyle, indent: string, inline: boolean): string {
  if (typeof value === "string") return printString(value, style.stringQuote);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  const deeper = indent + style.unit;
  if (Array.isArray(value)) {
    const short = printList(value.map((item) => printValue(item, style, "", true)));
    const plain = value.every((item) => typeof item !== "object" || item === null);
    if (inline || value.length === 0 || (plain && short.length <= MAX_INLINE_CHARS)) return short;
    return block(
      "[",
      value.map((item) => printValue(item, style, deeper, false)),
      "]",
      style,
      indent,
    );
  }
  if (typeof value !== "object") throw new TypeError(`a config value cannot be ${String(value)}`);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  const members = entries.map(([key, child]) => printMember(key, child, style, deeper, inline));
  if (members.length === 0) return "{}";
  return inline ? `{ ${members.join(", ")} }` : block("{", members, "}", style, indent);
}

export function printMember(
  key: string,
  value: unknown,
  style: PrintStyle,
  indent: string,
  inline: boolean,
): string {
  return `${printKey(key, style)}: ${printValue(value, style, indent, inline)}`;
}

function printKey(key: string, { keyQuote }: PrintStyle): string {
  if (keyQuote === "" && /^[A-Za-z_$][\w$]*$/.test(key)) return key;
  return printString(key, keyQuote || '"');
}

function printString(text: string, quote: '"' | "'"): string {
  const json = JSON.stringify(text);
  if (quote === '"') return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function printList(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

function block(
  open: string,
  items: readonly string[],
  close: string,
  style: PrintStyle,
  indent: string,
): string {
  const lines = items.map((item) => `${indent}${style.unit}${item}`).join(`,${style.eol}`);
  return `${open}${style.eol}${lines}${style.eol}${indent}${close}`;
}
