import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import type { Clock } from "../platform/clock.ts";
import { databaseFault, emptiedDatabase } from "../platform/database-fault.ts";
import { type Database, openDatabase, readHeader } from "../platform/sqlite.ts";
import { type StoredMessage, type TranscriptMessage, textOf, type Usage } from "../protocol/messages.ts";
import { isCommand } from "./command-mark.ts";
import type { SessionKey } from "./keys.ts";
import { listSessions, type SessionQuery } from "./list.ts";
import { SESSION_MIGRATIONS } from "./schema.ts";
import { type Session, toSession } from "./session.ts";
import { openStatelessQuota } from "./stateless.ts";

export type { Session, SessionSettings } from "./session.ts";

export interface SessionStore extends Disposable {
  readonly database: Database;
  /** The session of this key, made when it does not exist yet. */
  ensure(key: SessionKey): Session;
  find(key: string): Session | undefined;
  findById(sessionId: string): Session | undefined;
  /** Those with this label, or whose id begins so; a few where it fits many. */
  named(by: { shortId?: string | undefined; label?: string | undefined }): Session[];
  list(query: SessionQuery): { rows: Session[]; total: number };
  count(): number;
  /** Appends one message and keeps the session's row in step. Call inside a transaction to join it. */
  append(session: Session, message: TranscriptMessage, runId: string | undefined): StoredMessage;
  recordUsage(session: Session, usage: Usage, provider: string, model: string): void;
}

const PREVIEW_CHARS = 160;
const TITLE_CHARS = 80;

/** Throws `Fault` as `openDatabase` does, and for a file that was emptied. */
export function openSessionStore(path: string, clock: Clock): SessionStore {
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) refuseEmptied(path);
  const database = openDatabase(path, { migrations: SESSION_MIGRATIONS });
  const onAdded = openStatelessQuota(database);
  readWhatAStartNeeds(database);

  function find(key: string): Session | undefined {
    const row = database.prepare("SELECT * FROM sessions WHERE key = ?").get(key);
    return row && toSession(row);
  }

  return {
    database,
    find,
    findById(sessionId) {
      const row = database.prepare("SELECT * FROM sessions WHERE session_id = ?").get(sessionId);
      return row && toSession(row);
    },
    ensure(key) {
      const known = find(key.text);
      if (known) return known;
      const now = clock.now();
      database
        .prepare(
          "INSERT INTO sessions (key, session_id, agent_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        )
        .run(key.text, randomUUID(), key.agentId, now, now);
      onAdded(key);
      return find(key.text)!;
    },
    named({ shortId, label }) {
      return database
        .prepare(
          `SELECT * FROM sessions WHERE (?1 IS NULL OR substr(session_id, 1, length(?1)) = ?1)
           AND (?2 IS NULL OR label = ?2) ORDER BY updated_at DESC LIMIT 10`,
        )
        .all(shortId ?? null, label ?? null)
        .map(toSession);
    },
    list: (query) => listSessions(database, query),
    count() {
      return (database.prepare("SELECT count(*) AS n FROM sessions").get() as { n: number }).n;
    },
    append(session, message, runId) {
      const text = textOf(message);
      const preview = text === "" ? null : text.slice(0, PREVIEW_CHARS);
      const titled = message.role === "user" && preview !== null && !isCommand(message);
      const title = titled ? text.slice(0, TITLE_CHARS) : null;
      const { seq } = database
        .prepare(
          // Who writes has read what was there, and takes the conversation up again.
          `UPDATE sessions SET last_seq = last_seq + 1, updated_at = ?2,
             preview = ifnull(?3, preview), title = ifnull(title, ?4),
             archived_at = iif(?5, NULL, archived_at), marked_unread_at = iif(?5, NULL, marked_unread_at),
             last_read_at = iif(?5 AND last_read_at IS NOT NULL, ?2, last_read_at)
           WHERE session_id = ?1 RETURNING last_seq AS seq`,
        )
        .get(session.sessionId, message.timestamp, preview, title, message.role === "user" ? 1 : 0) as {
        seq: number;
      };
      const id = randomUUID();
      database
        .prepare("INSERT INTO messages (session_id, seq, id, run_id, at, body) VALUES (?, ?, ?, ?, ?, ?)")
        .run(session.sessionId, seq, id, runId ?? null, message.timestamp, JSON.stringify(message));
      return {
        ...message,
        __openclaw: { id, seq, recordTimestampMs: message.timestamp, ...(runId && { runId }) },
      };
    },
    recordUsage(session, usage, provider, model) {
      database
        .prepare(
          `UPDATE sessions SET input_tokens = input_tokens + ?2, output_tokens = output_tokens + ?3,
             provider = ?4, model = ?5 WHERE session_id = ?1`,
        )
        .run(session.sessionId, usage.input, usage.output, provider, model);
    },
    [Symbol.dispose]() {
      database[Symbol.dispose]();
    },
  };
}

/** A page that cannot be read shows itself only to whoever reads it: better here than in the middle of a start. */
function readWhatAStartNeeds(database: Database): void {
  try {
    database.prepare("SELECT * FROM sessions ORDER BY updated_at DESC LIMIT 20").all();
    database.prepare("SELECT count(*) FROM sessions").get();
    database.prepare("SELECT * FROM turns WHERE state IN ('accepted', 'running')").all();
    database.prepare("SELECT * FROM messages ORDER BY session_id DESC LIMIT 1").get();
  } catch (error) {
    database[Symbol.dispose]();
    throw databaseFault(error, database.path);
  }
}

function refuseEmptied(path: string): void {
  const fault = emptiedDatabase(path);
  if (fault) throw fault;
}

/** True for one that was made by an earlier version; asked before it is opened. */
export function needsMigration(path: string): boolean {
  try {
    const header = readHeader(path);
    return (
      header.kind === "database" &&
      header.schemaVersion > 0 &&
      header.schemaVersion < SESSION_MIGRATIONS.length
    );
  } catch {
    // Opening it says why it cannot be read.
    return false;
  }
}
