/** What is counted while the gateway runs; the rest of `/metrics` is read when somebody asks. */
export type CounterFamily =
  /** Labels: route, status class. */
  | "http_requests"
  /** Labels: method, outcome. */
  | "rpc_requests"
  /** Labels: surface, reason. */
  | "auth_failures"
  /** Labels: outcome. */
  | "turns"
  /** Labels: direction. */
  | "model_tokens";

export interface Counters {
  add(family: CounterFamily, labels: readonly string[], by?: number): void;
  /** A turn that was accepted, from its begin to its end. */
  turnTook(seconds: number): void;
  of(family: CounterFamily): readonly { labels: readonly string[]; value: number }[];
  turnDurations(): { upTo: readonly number[]; counts: readonly number[]; sum: number };
}

/** Label values come from closed sets; should one of them not, it cannot fill the memory. */
const MAX_SERIES = 500;
const OTHER = "other";
const TURN_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

export function openCounters(): Counters {
  const families = new Map<CounterFamily, Map<string, { labels: readonly string[]; value: number }>>();
  /** One more than the bounds: the last place is for what took longer. */
  const durations = new Array<number>(TURN_SECONDS.length + 1).fill(0);
  let sum = 0;

  return {
    add(family, labels, by = 1) {
      const series = families.get(family) ?? new Map();
      families.set(family, series);
      const key = labels.join("\n");
      const full = series.size >= MAX_SERIES && !series.has(key);
      const kept = full ? labels.map(() => OTHER) : labels;
      const counted = series.get(full ? kept.join("\n") : key);
      if (counted) counted.value += by;
      else series.set(kept.join("\n"), { labels: kept, value: by });
    },
    turnTook(seconds) {
      const place = TURN_SECONDS.findIndex((bound) => seconds <= bound);
      durations[place === -1 ? TURN_SECONDS.length : place]!++;
      sum += seconds;
    },
    of: (family) => [...(families.get(family)?.values() ?? [])],
    turnDurations: () => ({ upTo: TURN_SECONDS, counts: durations, sum }),
  };
}
