/** Full figures take minutes: `OPENCLAW_TEST_LONG=1` runs them, the suite a part that finds the same kind of bug. */
export const LONG = process.env.OPENCLAW_TEST_LONG === "1";

/** So many runs of a property in a long run, `shortRuns` otherwise. */
export const runs = (shortRuns: number, longRuns: number): number => (LONG ? longRuns : shortRuns);

/** Tells of the first row of each kind, and in a long run of all. */
export function firstOfEach(): (kind: string) => boolean {
  const seen = new Set<string>();
  return (kind) => LONG || (!seen.has(kind) && Boolean(seen.add(kind)));
}
