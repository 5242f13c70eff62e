import type { ConfigPath } from "./path.ts";

export const REDACTED = "__OPENCLAW_REDACTED__";

const SECRET_KEY = /(token|password|passphrase|secret|api[-_]?key|private[-_]?key)$/i;
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(key|token|secret|auth).*)$/i;
const URL_CREDENTIALS = /^([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#@\s]+@/i;

/** True where the value at this path is a secret by its name. */
export function isSecretPath(path: ConfigPath): boolean {
  const key = String(path.at(-1) ?? "");
  if (SECRET_KEY.test(key)) return true;
  const parent = path.at(-2);
  if (parent === "headers") return SECRET_HEADER.test(key);
  return (parent === "env" || parent === "vars") && SECRET_HEADER.test(key);
}

/** A deep copy to show to others: secrets and credentials inside URLs are replaced, references to secrets stay. */
export function redactConfig<Value>(value: Value): Value {
  return mapStrings(value, [], (text, path) => {
    if (isSecretPath(path)) return REDACTED;
    return hideUrlCredentials(text);
  }) as Value;
}

/** `https://user:password@host` without the part before the `@`; other text as it is. */
export function hideUrlCredentials(text: string): string {
  return text.replace(URL_CREDENTIALS, `$1${REDACTED}@`);
}

/** Every secret value in the config, for a log that has to keep them out. */
export function secretsIn(value: unknown): string[] {
  const found = new Set<string>();
  mapStrings(value, [], (text, path) => {
    if (text !== "" && isSecretPath(path)) found.add(text);
    return text;
  });
  return [...found];
}

/** Numbers under a secret name are secrets too: a PIN, a token somebody forgot to quote. */
function mapStrings(
  value: unknown,
  path: ConfigPath,
  map: (text: string, path: ConfigPath) => string,
): unknown {
  if (typeof value === "string") return map(value, path);
  if (typeof value === "number" && isSecretPath(path)) return map(String(value), path);
  if (Array.isArray(value)) {
    // The entries of a list of secrets are as secret as a single one.
    return value.map((item, i) => mapStrings(item, isSecretPath(path) ? path : [...path, i], map));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mapStrings(child, [...path, key], map)]),
  );
}
