/** What is worth remembering of a run when somebody asks why it went wrong. Never what people wrote. */
export type StabilityType =
  /** Once a minute: memory, event loop, what is open. */
  | "memory.sample"
  | "memory.pressure"
  | "event_loop.stall"
  /** A frame, body or answer beyond a limit. */
  | "payload.large"
  /** A client that does not read what it is sent. */
  | "client.slow"
  | "turn.failed"
  | "turn.dropped"
  /** An error nobody caught. */
  | "process.error"
  | "gateway.phase";

export type StabilityFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface StabilityEvent {
  /** Rises by one, also for what the ring has forgotten since. */
  seq: number;
  /** Epoch ms. */
  ts: number;
  type: StabilityType;
  [field: string]: unknown;
}

export interface StabilityQuery {
  limit: number;
  type?: string;
  /** Only what came after this one. */
  sinceSeq?: number;
}

/** As `diagnostics.stability` answers (protocol.md §9.1). */
export interface StabilityReport {
  generatedAt: string;
  capacity: number;
  /** Events in the ring. */
  count: number;
  /** Events the ring has forgotten. */
  dropped: number;
  firstSeq: number | null;
  lastSeq: number | null;
  /** Oldest first; the newest `limit` that fit the query. */
  events: StabilityEvent[];
  summary: { byType: Record<string, number> };
}

export interface StabilityRing {
  record(type: StabilityType, fields?: StabilityFields): void;
  read(query: StabilityQuery): StabilityReport;
}

export const RING_CAPACITY = 1_000;
const MAX_FIELD_CHARS = 200;

/** The newest events in memory; with fields this short a full ring is some 300 KB. */
export function openStabilityRing(now: () => number, capacity = RING_CAPACITY): StabilityRing {
  const events: StabilityEvent[] = [];
  let seq = 0;

  return {
    record(type, fields = {}) {
      // Position `seq % capacity`, so that forgetting the oldest one costs nothing.
      events[seq % capacity] = { seq: ++seq, ts: now(), type, ...bounded(fields) };
    },
    read({ limit, type, sinceSeq = 0 }) {
      const oldest = seq > capacity ? seq % capacity : 0;
      const kept = [...events.slice(oldest), ...events.slice(0, oldest)];
      const byType: Record<string, number> = {};
      for (const event of kept) byType[event.type] = (byType[event.type] ?? 0) + 1;
      return {
        generatedAt: new Date(now()).toISOString(),
        capacity,
        count: kept.length,
        dropped: seq - kept.length,
        firstSeq: kept[0]?.seq ?? null,
        lastSeq: kept.at(-1)?.seq ?? null,
        events: kept
          .filter((event) => event.seq > sinceSeq && (type === undefined || event.type === type))
          .slice(-limit),
        summary: { byType },
      };
    },
  };
}

function bounded(fields: StabilityFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    out[key] = typeof value === "string" ? value.slice(0, MAX_FIELD_CHARS) : value;
  }
  return out;
}
