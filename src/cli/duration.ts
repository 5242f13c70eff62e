const MS_PER = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** A week: longer waits on a command line are typing errors. */
const MAX_MS = 7 * 24 * MS_PER.h;

/** "500ms", "2s", "1.5m", "1h"; a bare number counts in `bareUnit`. Milliseconds above zero, or undefined. */
export function parseDuration(text: string, bareUnit: "ms" | "s"): number | undefined {
  const [, amount, unit = bareUnit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  const ms = Math.round(Number(amount) * MS_PER[unit as keyof typeof MS_PER]);
  return ms > 0 && ms <= MAX_MS ? ms : undefined;
}

/** "3d 14h 22m", "22m 5s", "5s": the largest unit and what follows it, rounded down. */
export function formatUptime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days}d ${hours % 24}h ${minutes % 60}m`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  if (minutes > 0) return `${minutes}m ${seconds % 60}s`;
  return `${seconds}s`;
}

/** "5m ago", "just now": how long ago something was. */
export function formatAge(ms: number): string {
  const [, largest] = /^(\S+)/.exec(formatUptime(ms)) ?? [];
  return ms < 10_000 ? "just now" : `${largest} ago`;
}

/** "2s", "500ms": as it would be typed. */
export function formatDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
