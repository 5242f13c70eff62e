import type { Clock } from "../platform/clock.ts";
import { Fault } from "../platform/fault.ts";
import type { Database } from "../platform/sqlite.ts";
import type { ContentBlock, StoredMessage, TranscriptMessage } from "../protocol/messages.ts";
import type { SessionKey } from "./keys.ts";
import { SESSION_MIGRATIONS } from "./schema.ts";
import type { Session, SessionStore } from "./store.ts";

/** Everything a restart needs to answer a turn that was accepted but not finished. JSON. */
export interface TurnRequest {
  /** Which door it came through, e.g. "chat.send". */
  surface: string;
  content: ContentBlock[];
  /** Enters the transcript behind the user's message: what the caller's own tools found. */
  followUp?: readonly TranscriptMessage[];
  /** False where nobody waits after a restart (an HTTP request): such a turn ends as interrupted. */
  resumable: boolean;
  model?: string;
  thinking?: string;
  /** Comes before the content where that is a message of its own; otherwise the content is the command as typed. */
  command?: TypedCommand;
  extraSystemPrompt?: string;
  temperature?: number;
  maxTokens?: number;
}

/** A command of the chat, as it waits on disk. */
export interface TypedCommand {
  name: string;
  args: string;
  /** The content is a message for the agent, without the command. */
  passesOn: boolean;
  /** Decided when it was accepted: a restart asks nobody again. */
  allowed: boolean;
}

export type TurnState = "accepted" | "running" | "ok" | "error" | "aborted" | "interrupted" | "merged";

export interface TurnRecord {
  runId: string;
  sessionKey: string;
  state: TurnState;
  request: TurnRequest;
  effects: boolean;
  attempts: number;
  acceptedAt: number;
  startedAt?: number;
  endedAt?: number;
  reply?: string;
  error?: string;
}

export type TurnGlance = Pick<TurnRecord, "runId" | "state" | "startedAt" | "endedAt" | "error">;

export type Acceptance =
  | { kind: "accepted"; record: TurnRecord; session: Session }
  | { kind: "duplicate"; record: TurnRecord };

/**
 * Write-ahead record of turns. `accept` returns only after the turn with its text is on disk
 * (synchronous=FULL); a caller acknowledges after that and never before. The user message enters the
 * transcript when the turn begins, so that a transcript never holds two open turns.
 */
export interface Journal {
  accept(runId: string, key: SessionKey, request: TurnRequest): Acceptance;
  /** Whether the disk takes what has to be kept. It is asked again only after it has refused. */
  isWritable(): boolean;
  find(runId: string): TurnRecord | undefined;
  /** The newest turn of a session, without what it asks. */
  lastOf(sessionKey: string): TurnGlance | undefined;
  /** Accepted or running turns, oldest first: after a start, what the previous process left behind. */
  unfinished(): TurnRecord[];
  /** Accepted turns of one session that have not begun, oldest first. */
  pending(sessionKey: string): TurnRecord[];
  /**
   * Counts the attempt before the work begins, so that a poison turn cannot loop for ever. The first attempt
   * appends what came with the turn and returns it; later ones find it in the transcript.
   */
  begin(runId: string, session: Session): StoredMessage[];
  /** A turn taken in by another run: its user message enters the transcript now. */
  merge(runId: string, session: Session, into: string): StoredMessage | undefined;
  /** A tool with an outside effect is about to run. */
  markEffects(runId: string): void;
  finish(runId: string, state: TurnState, outcome: { reply?: string; error?: string }): void;
  /** Back to "accepted": the next start runs it again. Who was stopped in good order has not failed. */
  putBack(runId: string): void;
  /** What became of the turns that were begun since then: ended well, or by the end of the process. */
  tally(sinceMs: number): { ok: number; cutOff: number };
  /** Forgets ended turns older than this; their messages stay. */
  prune(endedBefore: number): number;
}

export function openJournal(store: SessionStore, clock: Clock): Journal {
  const database: Database = store.database;

  function find(runId: string): TurnRecord | undefined {
    const row = database.prepare("SELECT * FROM turns WHERE run_id = ?").get(runId);
    return row && toRecord(row);
  }

  let refused = false;

  /** What a full disk has refused once is no longer true as soon as there is space, and nobody tells. */
  function isWritable(): boolean {
    if (!refused) return true;
    try {
      noticing(() =>
        database.transaction(() => database.exec(`PRAGMA user_version = ${SESSION_MIGRATIONS.length}`), {
          durable: true,
        }),
      );
    } catch {}
    return !refused;
  }

  function noticing<T>(write: () => T): T {
    try {
      const result = write();
      refused = false;
      return result;
    } catch (error) {
      if (error instanceof Fault && error.exitCode === 75) refused = true;
      throw error;
    }
  }

  return {
    find,
    isWritable,
    accept(runId, key, request) {
      return noticing(() =>
        database.transaction(
          (): Acceptance => {
            const known = find(runId);
            if (known) return { kind: "duplicate", record: known };
            const session = store.ensure(key);
            database
              .prepare(
                "INSERT INTO turns (run_id, session_key, state, request, accepted_at) VALUES (?, ?, 'accepted', ?, ?)",
              )
              .run(runId, key.text, JSON.stringify(request), clock.now());
            return { kind: "accepted", record: find(runId)!, session };
          },
          { durable: true },
        ),
      );
    },
    lastOf(sessionKey) {
      const row = database
        .prepare(
          `SELECT run_id, state, started_at, ended_at, error FROM turns
           WHERE session_key = ? ORDER BY accepted_at DESC, rowid DESC LIMIT 1`,
        )
        .get(sessionKey);
      return row && toGlance(row);
    },
    unfinished() {
      return database
        .prepare("SELECT * FROM turns WHERE state IN ('accepted', 'running') ORDER BY accepted_at, rowid")
        .all()
        .map(toRecord);
    },
    pending(sessionKey) {
      return database
        .prepare(
          "SELECT * FROM turns WHERE session_key = ? AND state = 'accepted' ORDER BY accepted_at, rowid",
        )
        .all(sessionKey)
        .map(toRecord);
    },
    begin(runId, session) {
      return database.transaction(() => {
        const record = find(runId)!;
        database
          .prepare(
            "UPDATE turns SET state = 'running', started_at = ?2, attempts = attempts + 1 WHERE run_id = ?1",
          )
          .run(runId, clock.now());
        if (record.attempts > 0) return [];
        const { content, followUp = [] } = record.request;
        const asked = content.length > 0 ? [userMessage(record, clock.now())] : [];
        return [...asked, ...followUp].map((message) => store.append(session, message, runId));
      });
    },
    merge(runId, session, into) {
      return database.transaction(() => {
        const record = find(runId)!;
        database
          .prepare("UPDATE turns SET state = 'merged', ended_at = ?2, reply = ?3 WHERE run_id = ?1")
          .run(runId, clock.now(), into);
        return record.attempts === 0
          ? store.append(session, userMessage(record, clock.now()), runId)
          : undefined;
      });
    },
    markEffects(runId) {
      database.transaction(
        () => database.prepare("UPDATE turns SET effects = 1 WHERE run_id = ?").run(runId),
        { durable: true },
      );
    },
    finish(runId, state, { reply, error }) {
      database.transaction(
        () =>
          database
            .prepare("UPDATE turns SET state = ?2, ended_at = ?3, reply = ?4, error = ?5 WHERE run_id = ?1")
            .run(runId, state, clock.now(), reply ?? null, error ?? null),
        { durable: true },
      );
    },
    putBack(runId) {
      // Never back to 0, which says that the user message is not in the transcript yet.
      database
        .prepare(
          "UPDATE turns SET state = 'accepted', started_at = NULL, attempts = max(1, attempts - 1) WHERE run_id = ? AND state = 'running'",
        )
        .run(runId);
    },
    tally(sinceMs) {
      const row = database
        .prepare(
          `SELECT count(*) FILTER (WHERE state = 'ok') AS ok,
             count(*) FILTER (WHERE state IN ('running', 'interrupted')) AS cut_off
           FROM turns WHERE started_at >= ?`,
        )
        .get(sinceMs)!;
      return { ok: Number(row.ok), cutOff: Number(row.cut_off) };
    },
    prune(endedBefore) {
      const result = database.prepare("DELETE FROM turns WHERE ended_at < ?").run(endedBefore);
      return Number(result.changes);
    },
  };
}

/** The message a turn puts into the transcript and the model reads. */
export function userMessage(
  record: Pick<TurnRecord, "runId" | "request">,
  timestamp: number,
): TranscriptMessage {
  const { content, command } = record.request;
  return {
    role: "user",
    content,
    timestamp,
    idempotencyKey: `${record.runId}:user`,
    // No model is shown what was meant for the gateway.
    ...(command && !command.passesOn && { details: { kind: "command" } }),
  };
}

function toRecord(row: Record<string, unknown>): TurnRecord {
  return {
    ...toGlance(row),
    sessionKey: row.session_key as string,
    request: JSON.parse(row.request as string) as TurnRequest,
    effects: row.effects === 1,
    attempts: row.attempts as number,
    acceptedAt: row.accepted_at as number,
    ...(row.reply !== null && { reply: row.reply as string }),
  };
}

function toGlance(row: Record<string, unknown>): TurnGlance {
  return {
    runId: row.run_id as string,
    state: row.state as TurnState,
    ...(row.started_at !== null && { startedAt: row.started_at as number }),
    ...(row.ended_at !== null && { endedAt: row.ended_at as number }),
    ...(row.error !== null && { error: row.error as string }),
  };
}
