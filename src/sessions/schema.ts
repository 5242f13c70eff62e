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
];
