import type { Database } from "../platform/sqlite.ts";
import type { Usage } from "../protocol/messages.ts";

/** One call of a model, or one that was left out, with what was decided after it. */
export interface ModelCallRecord {
  runId: string;
  sessionKey: string;
  agentId: string;
  /** Epoch milliseconds. */
  at: number;
  durationMs: number;
  provider: string;
  model: string;
  /** Which of the provider's keys, from 1. */
  key: number;
  /** What it was for; absent for an answer. */
  purpose?: string;
  /** "ok", a class of failure, or "passed-over". */
  outcome: string;
  usage?: Usage;
  /** By the prices of the config; absent where there are none. */
  cost?: number;
  message?: string;
  /** After a failure: what was done next, and why. */
  action?: string;
  reason?: string;
}

export interface UsageSum {
  calls: number;
  failed: number;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  totalTokens: number;
  totalCost: number;
  /** Calls with tokens and without a price. */
  unpriced: number;
}

/** What an agent has used since some moment. */
export interface Spent {
  usd: number;
  tokens: number;
  /** Calls with tokens and without a price: the money does not contain them. */
  unpriced: number;
}

export interface UsageRange {
  from: number;
  to: number;
  agentId?: string | undefined;
  sessionKey?: string | undefined;
}

/** Every model call there was: the one place where money is counted. */
export interface ModelCalls {
  add(record: ModelCallRecord): void;
  /** Of one run, oldest first. */
  ofRun(runId: string): ModelCallRecord[];
  /** Asked before each call where there is a cap: read from the table once, and kept up to date by `add`. */
  spent(agentId: string, from: number): Readonly<Spent>;
  /** Sums of `from` ≤ at < `to`, the largest first. `day` is a date in this process's time zone. */
  sums(range: UsageRange, by: keyof typeof NAME): (UsageSum & { name: string })[];
  /** Of one session, oldest first; the newest `limit` of the range. */
  ofSession(sessionKey: string, range: UsageRange, limit: number): ModelCallRecord[];
}

/** Thirteen months, so that a month can be compared with the one a year before. */
const KEEP_MS = 400 * 24 * 60 * 60 * 1000;
const MAX_ROWS = 2_000_000;
const CLEAR_EVERY = 1_000;
const MAX_MESSAGE_CHARS = 500;
const REPLY = "reply";
const MAX_PERIODS = 4;
const MAX_AGENTS = 500;

const NAME = {
  day: "date(at / 1000, 'unixepoch', 'localtime')",
  model: "provider || '/' || model",
  agent: "agent_id",
  provider: "provider",
  session: "session_key",
} as const;

export function openModelCalls(database: Database): ModelCalls {
  let added = 0;
  /** By agent, then by where the time begins; the newest few of each. */
  const running = new Map<string, Map<number, Spent>>();

  function count({ agentId, at, usage, cost }: ModelCallRecord): void {
    for (const [from, sum] of running.get(agentId) ?? []) {
      if (at < from) continue;
      const tokens = usage?.totalTokens ?? 0;
      sum.usd += cost ?? 0;
      sum.tokens += tokens;
      if (cost === undefined && tokens > 0) sum.unpriced++;
    }
  }

  function clear(now: number): void {
    database
      .prepare("DELETE FROM model_calls WHERE at < ?1 OR id <= (SELECT max(id) FROM model_calls) - ?2")
      .run(now - KEEP_MS, MAX_ROWS);
  }

  return {
    add(record) {
      const { usage } = record;
      database
        .prepare(
          `INSERT INTO model_calls (run_id, session_key, agent_id, at, duration_ms, provider, model, key_number, outcome,
             input, output, cache_read, cache_write, total, cost, message, action, reason, purpose)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          record.runId,
          record.sessionKey,
          record.agentId,
          record.at,
          record.durationMs,
          record.provider,
          record.model,
          record.key,
          record.outcome,
          usage?.input ?? 0,
          usage?.output ?? 0,
          usage?.cacheRead ?? 0,
          usage?.cacheWrite ?? 0,
          usage?.totalTokens ?? 0,
          record.cost ?? null,
          record.message?.slice(0, MAX_MESSAGE_CHARS) ?? null,
          record.action ?? null,
          record.reason ?? null,
          record.purpose ?? REPLY,
        );
      count(record);
      if (added++ % CLEAR_EVERY === CLEAR_EVERY - 1) clear(record.at);
    },
    ofRun(runId) {
      return database
        .prepare("SELECT * FROM model_calls WHERE run_id = ? ORDER BY id LIMIT 1000")
        .all(runId)
        .map(toRecord);
    },
    spent(agentId, from) {
      const ofAgent = running.get(agentId) ?? new Map<number, Spent>();
      const known = ofAgent.get(from);
      if (known) return known;
      const sum = database
        .prepare(
          `SELECT total(cost) AS usd, ifnull(sum(total), 0) AS tokens, count(*) FILTER (WHERE cost IS NULL AND total > 0) AS unpriced
           FROM model_calls WHERE agent_id = ? AND at >= ?`,
        )
        .get(agentId, from) as unknown as Spent;
      ofAgent.set(from, { ...sum });
      if (ofAgent.size > MAX_PERIODS) ofAgent.delete(Math.min(...ofAgent.keys()));
      running.set(agentId, ofAgent);
      if (running.size > MAX_AGENTS) running.delete(running.keys().next().value!);
      return ofAgent.get(from) ?? sum;
    },
    ofSession(sessionKey, { from, to }, limit) {
      return database
        .prepare(
          `SELECT * FROM (SELECT * FROM model_calls WHERE session_key = ?1 AND at >= ?2 AND at < ?3
             AND outcome <> 'passed-over' ORDER BY at DESC, id DESC LIMIT ?4) ORDER BY at, id`,
        )
        .all(sessionKey, from, to, limit)
        .map(toRecord);
    },
    sums({ from, to, agentId, sessionKey }, by) {
      return database
        .prepare(
          `SELECT ${NAME[by]} AS name, count(*) AS calls, sum(outcome <> 'ok') AS failed, sum(input) AS input,
             sum(output) AS output, sum(cache_read) AS cacheRead, sum(cache_write) AS cacheWrite,
             sum(total) AS totalTokens, total(cost) AS totalCost, sum(cost IS NULL AND total > 0) AS unpriced
           FROM model_calls WHERE at >= ?1 AND at < ?2 AND outcome <> 'passed-over'
             AND (?3 IS NULL OR agent_id = ?3) AND (?4 IS NULL OR session_key = ?4)
           GROUP BY 1 ORDER BY ${by === "day" ? "name" : "totalCost DESC, totalTokens DESC, name"}`,
        )
        .all(from, to, agentId ?? null, sessionKey ?? null) as unknown as (UsageSum & { name: string })[];
    },
  };
}

function toRecord(row: Record<string, unknown>): ModelCallRecord {
  const usage: Usage = {
    input: row.input as number,
    output: row.output as number,
    cacheRead: row.cache_read as number,
    cacheWrite: row.cache_write as number,
    totalTokens: row.total as number,
  };
  return {
    runId: row.run_id as string,
    sessionKey: row.session_key as string,
    agentId: row.agent_id as string,
    at: row.at as number,
    durationMs: row.duration_ms as number,
    provider: row.provider as string,
    model: row.model as string,
    key: row.key_number as number,
    ...(row.purpose !== REPLY && { purpose: row.purpose as string }),
    outcome: row.outcome as string,
    ...(usage.totalTokens > 0 && { usage }),
    ...(row.cost !== null && { cost: row.cost as number }),
    ...(row.message !== null && { message: row.message as string }),
    ...(row.action !== null && { action: row.action as string }),
    ...(row.reason !== null && { reason: row.reason as string }),
  };
}
