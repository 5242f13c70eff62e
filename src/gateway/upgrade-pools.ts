import type { OriginVerdict } from "../access/origin.ts";

/** A socket that has not said hello yet. */
export interface Stranger {
  /** Ends it because newer ones need its place. */
  evict(): void;
}

/** How many strangers may be here at once, by where they come from. */
export interface UpgradePools {
  /** The oldest gives way: whoever only holds places cannot keep others out (DOS-02). Returns how to give it back. */
  enter(stranger: Stranger, from: { ip: string; origin: OriginVerdict }): () => void;
  size(): number;
}

/** Over all addresses. */
const MAX_IN_ALL = 512;
/** Pages of foreign origins get their structured refusal, but few places and none of the others'. */
const MAX_DENIED = 4;

/** Pages and programs have places of their own: a page in the owner's browser must not shut out the owner's programs. */
export function openUpgradePools(maxPerIp: () => number): UpgradePools {
  const pools = new Map<string, Set<Stranger>>();
  /** With the pool each is in, oldest first. */
  const all = new Map<Stranger, string>();

  function leave(stranger: Stranger): void {
    const key = all.get(stranger);
    if (key === undefined) return;
    all.delete(stranger);
    const pool = pools.get(key)!;
    pool.delete(stranger);
    if (pool.size === 0) pools.delete(key);
  }

  /** Its place is free at once, however long it takes to go. */
  function evict(stranger: Stranger | undefined): void {
    if (!stranger) return;
    leave(stranger);
    stranger.evict();
  }

  return {
    size: () => all.size,
    enter(stranger, { ip, origin }) {
      const key = `${origin} ${ip}`;
      const pool = pools.get(key) ?? new Set<Stranger>();
      pools.set(key, pool);
      pool.add(stranger);
      all.set(stranger, key);
      if (pool.size > (origin === "denied" ? MAX_DENIED : maxPerIp())) evict(first(pool));
      else if (all.size > MAX_IN_ALL) evict(first(all.keys()));
      return () => leave(stranger);
    },
  };
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
