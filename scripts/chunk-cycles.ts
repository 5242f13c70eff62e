/** Files that need each other at once see each other half made; Node warns of it on stderr of every command. */
export function chunkCycles(chunks: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      cycles.push([...trail.slice(trail.indexOf(name)), name].join(" → "));
      return;
    }
    if (done.has(name)) return;
    for (const next of chunks.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of chunks.keys()) visit(name, []);
  return cycles;
}
