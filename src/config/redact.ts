import type { ConfigPath } from "./path.ts";

export const REDACTED = "__OPENCLAW_REDACTED__";

const SECRET_KEY = /(token|password|passphrase|secret|api[-_]?key|private[-_]?key)$/i;
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(key|token|secret|auth).*)$/i;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#@\s"']+@/gi;
/** Shorter secrets would blank out ordinary words; where they stand, the name of their key hides them. */
const MIN_VERBATIM_CHARS = 6;
/** Of a key more is needed: a password that is the name of a setting must not take the setting away. */
const MIN_IN_KEY_CHARS = 16;
const REFERENCE = /^\$\{[A-Z_][A-Z0-9_]*\}$/;

/** True where the value at this path is a secret by its name. */
export function isSecretPath(path: ConfigPath): boolean {
  const key = String(path.at(-1) ?? "");
  if (SECRET_KEY.test(key)) return true;
  const parent = path.at(-2);
  if (parent === "headers") return SECRET_HEADER.test(key);
  return (parent === "env" || parent === "vars") && SECRET_HEADER.test(key);
}

/**
 * A deep copy to show to others: secrets and credentials inside URLs are replaced, references to secrets stay.
 * `known` are secrets (`verbatimSecrets`) that must not be seen at other places either.
 */
export function redactConfig<Value>(value: Value, known: readonly string[] = []): Value {
  return mapStrings(
    value,
    [],
    (text, path) => shownText(text, path, known),
    (key) => shownName(key, known),
  ) as Value;
}

/** What others see of a text at this path. */
export function shownText(text: string, path: ConfigPath, known: readonly string[] = []): string {
  if (isSecretPath(path)) return REDACTED;
  return hideVerbatim(hideUrlCredentials(text), known, REDACTED);
}

/** What others see of a key. */
export function shownName(key: string, known: readonly string[]): string {
  return hideVerbatim(
    key,
    known.filter((secret) => secret.length >= MIN_IN_KEY_CHARS),
    REDACTED,
  );
}

/** `https://user:password@host` without the part before the `@`, wherever it is in a text. */
export function hideUrlCredentials(text: string): string {
  return text.replace(URL_CREDENTIALS, `$1${REDACTED}@`);
}

/** The text without any of these secrets. */
export function hideVerbatim(text: string, known: readonly string[], mark: string): string {
  return known.reduce((out, secret) => out.replaceAll(secret, mark), text);
}

/** Secrets that can be told from other text by their value, the longest first: one may be part of another. */
export function verbatimSecrets(secrets: readonly string[]): string[] {
  const telling = secrets.filter(
    (secret) => secret.length >= MIN_VERBATIM_CHARS && !REFERENCE.test(secret) && secret !== REDACTED,
  );
  return [...new Set(telling)].sort((a, b) => b.length - a.length);
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
  mapKey: (key: string) => string = (key) => key,
): unknown {
  if (typeof value === "string") return map(value, path);
  if (typeof value === "number" && isSecretPath(path)) return map(String(value), path);
  if (Array.isArray(value)) {
    return value.map((item, i) => mapStrings(item, pathInList(path, i), map, mapKey));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      mapKey(key),
      mapStrings(child, [...path, key], map, mapKey),
    ]),
  );
}

/** The entries of a list of secrets are as secret as a single one. */
export function pathInList(path: ConfigPath, index: number): ConfigPath {
  return isSecretPath(path) ? path : [...path, index];
}
