import type { Clock } from "../../platform/clock.ts";

/** How fast one sender, and one chat as a whole, may make the agent work (DOS-21). */
export interface FloodGate {
  /** "first": over the limit for the first time since the last quiet time; that one is told. */
  take(key: string, rate: { perMinute: number; burst: number }): "ok" | "first" | "over";
}

interface Bucket {
  tokens: number;
  atMs: number;
  told: boolean;
}

const MAX_BUCKETS = 10_000;

export function openFloodGate(clock: Clock): FloodGate {
  /** Least recently used first. */
  const buckets = new Map<string, Bucket>();
  return {
    take(key, { perMinute, burst }) {
      const now = clock.monotonic();
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: now, told: false };
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > MAX_BUCKETS) buckets.delete(buckets.keys().next().value!);
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 60_000) * perMinute);
      bucket.atMs = now;
      if (bucket.tokens >= 1) {
        bucket.tokens--;
        // Told again only after half of it has come back: a steady flood is one flood.
        if (bucket.tokens >= burst / 2) bucket.told = false;
        return "ok";
      }
      if (bucket.told) return "over";
      bucket.told = true;
      return "first";
    },
  };
}
