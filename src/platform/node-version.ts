/** What the launcher asks for, too. */
export const OLDEST_NODE = 24;

/** 20 of `v20.20.2`; 0 where there is no version. */
export function majorOf(version: string): number {
  return Number(/^v?(\d+)\./.exec(version.trim())?.[1] ?? 0);
}
