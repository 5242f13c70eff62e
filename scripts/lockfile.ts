interface Lockfile {
  packages: Record<string, { resolved?: string; engines?: Record<string, string> }>;
}

/**
 * The lock names no download hosts, so that any registry serves it. The two protocol packages are oracles of the
 * tests, which run on the project's own Node 24; their engine range would only make `npm ci` warn on a machine
 * whose stock node is older.
 */
export function normalizeLockfile(text: string): string {
  const lock = JSON.parse(text) as Lockfile;
  for (const [path, entry] of Object.entries(lock.packages)) {
    delete entry.resolved;
    if (path.startsWith("node_modules/@openclaw/")) delete entry.engines;
  }
  return `${JSON.stringify(lock, null, 2)}\n`;
}
