import type { Clock } from "../platform/clock.ts";
import type { CallFailure, ModelTarget } from "./provider.ts";

/** Which key and model failed lately, and why: they are asked last until their time is over. */
export interface Cooldowns {
  begin(target: ModelTarget, failure: CallFailure, retryAfterMs: number | undefined): void;
  /** The longest one that still holds. */
  of(target: ModelTarget): { failure: CallFailure; leftMs: number } | undefined;
  /** It answered: everything that was held against it is over. */
  end(target: ModelTarget): void;
}

interface Cooldown {
  failure: CallFailure;
  until: number;
  /** In a row. */
  times: number;
}

const MINUTE = 60_000;
/** From the first time on, doubled with each further one up to the second figure. */
const LASTS: Partial<Record<CallFailure, readonly [number, number]>> = {
  "rate-limit": [30_000, 10 * MINUTE],
  overloaded: [15_000, 5 * MINUTE],
  network: [15_000, 5 * MINUTE],
  timeout: [30_000, 5 * MINUTE],
  auth: [10 * MINUTE, 60 * MINUTE],
  billing: [30 * MINUTE, 240 * MINUTE],
  "model-not-found": [10 * MINUTE, 60 * MINUTE],
  "long-context-denied": [60 * MINUTE, 240 * MINUTE],
};
/** Holds for every model behind the same key. */
const OF_THE_KEY: ReadonlySet<CallFailure> = new Set(["auth", "billing"]);
const MAX_REMEMBERED = 1_000;

export function openCooldowns(clock: Clock): Cooldowns {
  const known = new Map<string, Cooldown>();

  function all(target: ModelTarget): [string, Cooldown][] {
    if (known.size === 0) return [];
    return Object.keys(LASTS).flatMap((failure): [string, Cooldown][] => {
      const key = keyOf(target, failure as CallFailure);
      const cooldown = known.get(key);
      return cooldown ? [[key, cooldown]] : [];
    });
  }

  return {
    begin(target, failure, retryAfterMs) {
      const lasts = LASTS[failure];
      if (!lasts) return;
      const [first, longest] = lasts;
      const key = keyOf(target, failure);
      const times = (known.get(key)?.times ?? 0) + 1;
      const ms = retryAfterMs ?? Math.min(longest, first * 2 ** (times - 1));
      // The one that was touched longest ago goes first.
      known.delete(key);
      known.set(key, { failure, until: clock.monotonic() + ms, times });
      if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value!);
    },
    of(target) {
      const now = clock.monotonic();
      let longest: { failure: CallFailure; leftMs: number } | undefined;
      for (const [, { failure, until }] of all(target)) {
        const leftMs = until - now;
        if (leftMs > (longest?.leftMs ?? 0)) longest = { failure, leftMs };
      }
      return longest;
    },
    end(target) {
      for (const [key, { failure }] of all(target)) {
        // That it answers without the long context was never in doubt.
        if (failure !== "long-context-denied" || target.params?.context1m === true) known.delete(key);
      }
    },
  };
}

/** Stays in memory and is shown to nobody: it holds the key. */
function keyOf({ provider, model, baseUrl, apiKey = "" }: ModelTarget, failure: CallFailure): string {
  return JSON.stringify([failure, provider, baseUrl, apiKey, OF_THE_KEY.has(failure) ? "" : model]);
}
