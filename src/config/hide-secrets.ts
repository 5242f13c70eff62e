import type { LoadedConfig } from "./load.ts";
import { hideUrlCredentials, hideVerbatim, secretsIn, verbatimSecrets } from "./redact.ts";

/** `token: "…"`, also in comments and in text that cannot be parsed. */
const NAMED_SECRET =
  /((?:token|password|passphrase|secret|api[-_]?key|private[-_]?key|authorization|cookie)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,"'{}[\]]+)/gi;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/g;

/** The secrets as they stand in the text of a file: as they are, and as JSON writes them. */
export function knownSpellings(secrets: readonly string[]): string[] {
  return verbatimSecrets(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
}

/** Those of a config: as its file says them, and as they are in force once variables are filled in. */
export function knownSecrets(
  { source, config }: Pick<LoadedConfig, "source" | "config">,
  further: readonly string[],
): string[] {
  return knownSpellings([...secretsIn(source), ...secretsIn(config), ...further]);
}

/**
 * A piece of text without secrets: none of the known ones, none that its name, a URL or a header gives away. `mark`
 * stands for each of them.
 */
export function hideSecrets(text: string, known: readonly string[], mark: string): string {
  // What follows Bearer goes first: the name of the header would take just that word for the secret.
  const unknown = hideVerbatim(text, known, mark).replace(BEARER, `$1 ${mark}`);
  const named = unknown.replace(
    NAMED_SECRET,
    (_, name: string, value: string) => name + hiddenLike(value, mark),
  );
  return hideUrlCredentials(named);
}

function hiddenLike(value: string, mark: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? "";
  return `${quote}${mark}${quote}`;
}
