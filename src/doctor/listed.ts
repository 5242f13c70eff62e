const MAX_LINES = 8;

/** Evidence has a bound: the first lines, and how many there are besides. */
export function listed(lines: readonly string[]): string[] {
  if (lines.length <= MAX_LINES) return [...lines];
  return [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more`];
}
