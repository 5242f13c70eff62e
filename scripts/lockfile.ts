interface Lockfile {
  packages: Record<string, { resolved?: string; engines?: Record<string, string> }>;
}

/**
 * The lock names no download hosts, so that any registry serves it. Every package is a dev dependency and runs on the
 * project's own Node 24; engine ranges would only make `npm ci` warn on a machine whose stock node is older.
 */
export function normalizeLockfile(text: string): string {
  const lock = JSON.parse(text) as Lockfile;
  for (const entry of Object.values(lock.packages)) {
    delete entry.resolved;
    delete entry.engines;
  }
  return `${JSON.stringify(lock, null, 2)}\n`;
}
