/** Wrong words on the command line: exit 2, one line, and where to read on. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The command whose help is of use; empty for the whole program. */
  readonly words: readonly string[];

  constructor(message: string, words: readonly string[] = []) {
    super(message);
    this.words = words;
  }
}

/** ` — did you mean --json?`, or nothing when no known word is close. */
export function didYouMean(known: string | undefined): string {
  return known === undefined ? "" : ` — did you mean ${known}?`;
}
