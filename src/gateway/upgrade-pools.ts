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
  const all = new Set<Stranger>();

  return {
    size: () => all.size,
    enter(stranger, { ip, origin }) {
      const key = `${origin} ${ip}`;
      const pool = pools.get(key) ?? new Set<Stranger>();
      pools.set(key, pool);
      pool.add(stranger);
      all.add(stranger);
      const leave = () => {
        all.delete(stranger);
        pool.delete(stranger);
        if (pool.size === 0 && pools.get(key) === pool) pools.delete(key);
      };
      const max = origin === "denied" ? MAX_DENIED : maxPerIp();
      const [oldest] = pool.size > max ? pool : all.size > MAX_IN_ALL ? all : [];
      oldest?.evict();
      return leave;
    },
  };
}
