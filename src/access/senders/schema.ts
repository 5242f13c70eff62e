/** Applied in order; never edit one that has shipped, append. Times are epoch milliseconds. */
export const SENDER_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE approved (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    -- the platform's immutable id; names are for display only
    sender_id TEXT NOT NULL,
    name TEXT,
    owner INTEGER NOT NULL DEFAULT 0,
    approved_at INTEGER NOT NULL,
    PRIMARY KEY (channel, account_id, sender_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pending (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    name TEXT,
    code TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (channel, account_id, sender_id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX pending_codes ON pending (channel, code);

  -- who asked how often lately; a rejected one is silent until then
  CREATE TABLE asked (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    muted_until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, account_id, sender_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE wrong_codes (
    channel TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
