/** Makes what is about to be logged fit to be read by others: no secrets, nothing endless, plain JSON. */
export interface Redaction {
  /** Shorter values are ignored: they would blank out ordinary words. */
  addSecret(value: string): void;
  text(text: string): string;
  /** A plain copy for JSON; never throws. */
  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

const HIDDEN = "***";
const MIN_SECRET_CHARS = 6;
const MAX_SECRETS = 1_000;
const MAX_TEXT_CHARS = 2_000;
const MAX_DEPTH = 5;
/** Values copied per line, over all levels; also ends cycles. */
const MAX_VALUES = 500;

const SECRET_KEY =
  /(token|password|passphrase|secret|api[-_]?key|authorization|cookie|private[-_]?key|credentials?)$/i;

export function createRedaction(): Redaction {
  const secrets = new Set<string>();
  let pattern: RegExp | undefined;

  function addSecret(value: string): void {
    if (value.length < MIN_SECRET_CHARS) return;
    for (const spelling of [value, encodeURIComponent(value)]) secrets.add(spelling);
    while (secrets.size > MAX_SECRETS) secrets.delete(secrets.values().next().value!);
    // Longest first: a secret that contains another one must not leave its tail behind.
    const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
    pattern = new RegExp(longestFirst.map(literal).join("|"), "g");
  }

  /** Secrets go before the cut, so that no half of one is left at the end. */
  function text(raw: string): string {
    const clean = pattern ? raw.replace(pattern, HIDDEN) : raw;
    const cut = clean.length - MAX_TEXT_CHARS;
    return cut > 0 ? `${clean.slice(0, MAX_TEXT_CHARS)}… (${cut} more characters)` : clean;
  }

  function fields(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
    let left = MAX_VALUES;

    function copy(value: unknown, depth: number): unknown {
      if (typeof value === "string") return text(value);
      if (typeof value === "bigint") return String(value);
      if (value === null || typeof value !== "object") return typeof value === "function" ? undefined : value;
      if (depth > MAX_DEPTH || left <= 0) return "…";
      if (value instanceof Error) return copyEntries(errorEntries(value), depth);
      if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
      if ("toJSON" in value && typeof value.toJSON === "function") return copy(value.toJSON(), depth + 1);
      if (Array.isArray(value)) return value.slice(0, left).map((item) => countedCopy(item, depth + 1));
      return copyEntries(Object.entries(value), depth);
    }

    function countedCopy(value: unknown, depth: number): unknown {
      left--;
      return copy(value, depth);
    }

    function copyEntries(entries: readonly (readonly [string, unknown])[], depth: number): object {
      const kept: Record<string, unknown> = {};
      for (const [key, value] of entries) {
        if (left <= 0) break;
        const hide = SECRET_KEY.test(key) && value != null && typeof value !== "boolean";
        Object.defineProperty(kept, text(key), {
          value: hide ? HIDDEN : countedCopy(value, depth + 1),
          enumerable: true,
        });
      }
      return kept;
    }

    // The caller's objects may throw when they are read; a log line must not become their victim.
    try {
      return copyEntries(Object.entries(input), 0) as Record<string, unknown>;
    } catch (error) {
      return { unreadable: text(String(error)) };
    }
  }

  return { addSecret, text, fields };
}

/** Text as the pattern that matches just it. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function errorEntries(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  const entries: [string, unknown][] = [
    ["name", name],
    ["message", message],
    ["code", code],
    ["stack", stack],
    ["cause", cause],
  ];
  return entries.filter(([, value]) => value !== undefined);
}
