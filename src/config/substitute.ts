import { isRecord } from "../protocol/frames.ts";
import type { ConfigPath } from "./path.ts";
import { isSecretPath } from "./redact.ts";

export interface Substituted {
  value: unknown;
  /** Places that name a variable nobody has set. */
  missing: { path: ConfigPath; name: string }[];
}

const REFERENCE = /(\$?)\$\{([A-Z_][A-Z0-9_]*)\}/g;

/**
 * Replaces `${NAME}` in text values; `$${NAME}` stands for a literal `${NAME}`. The result is always text.
 * A value with an unset variable is left out and listed in `missing`, but for the secrets of a part that is
 * switched off (`enabled: false`): nobody needs those.
 */
export function substitute(value: unknown, lookup: (name: string) => string | undefined): Substituted {
  const missing: Substituted["missing"] = [];

  function replace(text: string, path: ConfigPath, off: boolean): string | undefined {
    if (!text.includes("${")) return text;
    let complete = true;
    const replaced = text.replace(REFERENCE, (whole, escaped: string, name: string) => {
      if (escaped) return whole.slice(1);
      const found = lookup(name);
      if (found !== undefined) return found;
      complete = false;
      if (!(off && isSecretPath(path))) missing.push({ path, name });
      return whole;
    });
    return complete ? replaced : undefined;
  }

  function walk(node: unknown, path: ConfigPath, off: boolean): unknown {
    if (typeof node === "string") return replace(node, path, off);
    if (Array.isArray(node)) {
      return node.map((item, i) => walk(item, [...path, i], off)).filter((item) => item !== undefined);
    }
    if (!isRecord(node)) return node;
    const isOff = off || node.enabled === false;
    const entries = Object.entries(node).map(
      ([key, child]) => [key, walk(child, [...path, key], isOff)] as const,
    );
    return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
  }

  return { value: walk(value, [], false), missing };
}

/** Variables the file brings along in `env.vars` or directly in `env`; the real environment wins over them. */
export function inlineVariables(value: unknown): (name: string) => string | undefined {
  const env = isRecord(value) && isRecord(value.env) ? value.env : {};
  const vars = isRecord(env.vars) ? env.vars : {};
  return (name) => {
    for (const place of [vars, env]) {
      const found = Object.hasOwn(place, name) ? place[name] : undefined;
      if (typeof found === "string" && found !== "") return found;
    }
    return undefined;
  };
}
