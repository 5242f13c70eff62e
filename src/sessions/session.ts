/** What was chosen for one conversation alone; everything else comes from its agent. */
export interface SessionSettings {
  /** "provider/model". */
  model?: string;
  thinkingLevel?: string;
  /** How much clients show of tools and of thinking, and whether they show what a reply cost. */
  verboseLevel?: string;
  reasoningLevel?: string;
  responseUsage?: string;
  icon?: string;
  color?: string;
  category?: string;
}

/** One conversation as stored. */
export interface Session {
  key: string;
  sessionId: string;
  agentId: string;
  createdAt: number;
  updatedAt: number;
  lastSeq: number;
  /** Messages up to this one are from before the last reset: kept, and no part of the conversation any more. */
  resetSeq: number;
  /** Counts the resets. */
  revision: number;
  title: string | undefined;
  preview: string | undefined;
  /** A name somebody gave it. */
  label: string | undefined;
  settings: SessionSettings;
  pinnedAt: number | undefined;
  archivedAt: number | undefined;
  markedUnreadAt: number | undefined;
  /** Since somebody first said so; before that nothing counts as unread. */
  lastReadAt: number | undefined;
  /** Who answered last. */
  provider: string | undefined;
  model: string | undefined;
  inputTokens: number;
  outputTokens: number;
}

type Row = Record<string, unknown>;

export function toSession(row: Row): Session {
  return {
    key: row.key as string,
    sessionId: row.session_id as string,
    agentId: row.agent_id as string,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    lastSeq: row.last_seq as number,
    resetSeq: row.reset_seq as number,
    revision: row.revision as number,
    title: (row.title as string | null) ?? undefined,
    preview: (row.preview as string | null) ?? undefined,
    label: (row.label as string | null) ?? undefined,
    settings: row.settings === null ? {} : (JSON.parse(row.settings as string) as SessionSettings),
    pinnedAt: (row.pinned_at as number | null) ?? undefined,
    archivedAt: (row.archived_at as number | null) ?? undefined,
    markedUnreadAt: (row.marked_unread_at as number | null) ?? undefined,
    lastReadAt: (row.last_read_at as number | null) ?? undefined,
    provider: (row.provider as string | null) ?? undefined,
    model: (row.model as string | null) ?? undefined,
    inputTokens: row.input_tokens as number,
    outputTokens: row.output_tokens as number,
  };
}
