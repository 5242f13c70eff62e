/** Applied in order; never edit one that has shipped, append. */
export const SESSION_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    key TEXT PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- sequence of the newest message; 0 while empty
    last_seq INTEGER NOT NULL DEFAULT 0,
    title TEXT,
    preview TEXT,
    provider TEXT,
    model TEXT,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX sessions_by_age ON sessions (updated_at DESC);

  CREATE TABLE messages (
    session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    run_id TEXT,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE turns (
    run_id TEXT PRIMARY KEY,
    session_key TEXT NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'running', 'ok', 'error', 'aborted', 'interrupted', 'merged')),
    -- what started it and how to answer: JSON of TurnRequest
    request TEXT NOT NULL,
    -- 1 once a tool with an outside effect was about to run: such a turn is never repeated
    effects INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    accepted_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    reply TEXT,
    error TEXT
  ) STRICT;
  CREATE INDEX turns_open ON turns (accepted_at) WHERE state IN ('accepted', 'running');
  CREATE INDEX turns_by_session ON turns (session_key, accepted_at);
  `,
  `
  -- outlives its session: what was spent stays spent
  CREATE TABLE model_calls (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    session_key TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    total INTEGER NOT NULL,
    cost REAL,
    message TEXT,
    action TEXT,
    reason TEXT
  ) STRICT;
  CREATE INDEX model_calls_by_age ON model_calls (at);
  CREATE INDEX model_calls_by_run ON model_calls (run_id);
  `,
  `
  ALTER TABLE sessions ADD COLUMN label TEXT;
  -- what was chosen for this session alone: JSON of SessionSettings
  ALTER TABLE sessions ADD COLUMN settings TEXT;
  ALTER TABLE sessions ADD COLUMN pinned_at INTEGER;
  ALTER TABLE sessions ADD COLUMN archived_at INTEGER;
  ALTER TABLE sessions ADD COLUMN marked_unread_at INTEGER;
  ALTER TABLE sessions ADD COLUMN last_read_at INTEGER;
  -- messages up to this one are from before the last reset
  ALTER TABLE sessions ADD COLUMN reset_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
  DROP INDEX sessions_by_age;
  CREATE INDEX sessions_by_age ON sessions (updated_at DESC, key);
  CREATE INDEX messages_by_id ON messages (id);
  CREATE INDEX model_calls_by_session ON model_calls (session_key, at);
  `,
  `
  -- the newest record of a compaction: what came before it reaches the model as its summary; 0 where there is none
  ALTER TABLE sessions ADD COLUMN compaction_seq INTEGER NOT NULL DEFAULT 0;
  -- what a model was called for: "reply", or work of the gateway's own such as "compaction"
  ALTER TABLE model_calls ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reply';
  CREATE INDEX model_calls_by_agent ON model_calls (agent_id, at);
  `,
  `
  -- what chat platforms have brought, so that a message that comes twice is taken once
  CREATE TABLE inbox (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    run_id TEXT,
    -- why it was not taken; a run or a reason, never both
    reason TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, account_id, chat_id, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inbox_by_age ON inbox (at);

  -- small things an account has to know after a restart, e.g. how far it has read
  CREATE TABLE channel_memory (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, account_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outbox (
    -- the order within a chat
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    idempotency_key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    thread_id TEXT,
    reply_to TEXT,
    silent INTEGER NOT NULL DEFAULT 0,
    run_id TEXT,
    -- as the agent or the sender wrote it
    body TEXT NOT NULL,
    -- JSON of OutgoingFile
    file TEXT,
    -- JSON of OutboxPart[], made with the first attempt
    parts TEXT,
    -- JSON: the platform's id of each part that has arrived, in order
    message_ids TEXT NOT NULL DEFAULT '[]',
    -- a message of the platform that shows the beginning of this reply already
    preview_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
    failure_class TEXT,
    failure TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- of these: may have arrived, and the platform could not be asked
    ambiguous INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    -- of the part that is on its way
    first_tried_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_open ON outbox (channel, account_id, chat_id, seq) WHERE state IN ('queued', 'sending', 'unknown');
  CREATE INDEX outbox_by_state ON outbox (state, updated_at);
  `,
];
