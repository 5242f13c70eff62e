import type { Session, SessionSettings, SessionStore } from "./store.ts";

/** What may be set on a session from outside; null takes it away, absent leaves it. */
export interface SessionChange extends Partial<Record<keyof SessionSettings, string | null>> {
  label?: string | null;
  pinned?: boolean;
  archived?: boolean;
  unread?: boolean;
}

/** Says nothing about whether the values make sense: the caller has looked. */
export function changeSession(
  store: SessionStore,
  session: Session,
  change: SessionChange,
  now: number,
): Session {
  const { label, pinned, archived, unread, ...settings } = change;
  const kept = Object.entries({ ...session.settings, ...settings }).filter(([, value]) => value != null);
  const next = {
    label: label === undefined ? session.label : label,
    pinnedAt: pinned === undefined ? session.pinnedAt : pinned ? (session.pinnedAt ?? now) : null,
    archivedAt: archived === undefined ? session.archivedAt : archived ? (session.archivedAt ?? now) : null,
    markedUnreadAt: unread === undefined ? session.markedUnreadAt : unread ? now : null,
    lastReadAt: unread === false ? now : session.lastReadAt,
  };
  store.database
    .prepare(
      `UPDATE sessions SET settings = ?2, label = ?3, pinned_at = ?4, archived_at = ?5, marked_unread_at = ?6,
         last_read_at = ?7 WHERE session_id = ?1`,
    )
    .run(
      session.sessionId,
      kept.length > 0 ? JSON.stringify(Object.fromEntries(kept)) : null,
      next.label ?? null,
      next.pinnedAt ?? null,
      next.archivedAt ?? null,
      next.markedUnreadAt ?? null,
      next.lastReadAt ?? null,
    );
  return store.find(session.key)!;
}

/**
 * The conversation begins anew under the same key and id. What was said stays on disk (an export shows it) and is no
 * part of it any more; what was chosen for the session stays in force.
 */
export function resetSession(store: SessionStore, session: Session, now: number): Session {
  return store.database.transaction(
    () => {
      store.database
        .prepare(
          `UPDATE sessions SET reset_seq = last_seq, revision = revision + 1, updated_at = ?2, title = NULL, preview = NULL,
             input_tokens = 0, output_tokens = 0, marked_unread_at = NULL WHERE session_id = ?1`,
        )
        .run(session.sessionId, now);
      store.append(
        session,
        { role: "system", content: [{ type: "text", text: "Reset" }], timestamp: now },
        undefined,
      );
      return store.find(session.key)!;
    },
    { durable: true },
  );
}

/** With its messages and turns. What it cost stays on the bill. */
export function removeSession({ database }: SessionStore, session: Session): void {
  database.transaction(
    () => database.prepare("DELETE FROM sessions WHERE session_id = ?").run(session.sessionId),
    { durable: true },
  );
}
