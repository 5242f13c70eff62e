/** Applied in order; never edit one that has shipped, append. Lists are JSON, times epoch milliseconds. */
export const DEVICE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE devices (
    device_id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    -- given by the owner; display_name is what the device calls itself
    label TEXT,
    display_name TEXT,
    -- pinned with the approval
    platform TEXT NOT NULL,
    device_family TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_mode TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    approved_via TEXT NOT NULL CHECK (approved_via IN ('silent', 'owner', 'bootstrap')),
    created_at INTEGER NOT NULL,
    approved_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    last_seen_reason TEXT NOT NULL
  ) STRICT;

  CREATE TABLE grants (
    device_id TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('operator', 'node')),
    scopes TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    rotated_at INTEGER,
    -- a tombstone: only a new approval by the owner lifts it
    revoked_at INTEGER,
    PRIMARY KEY (device_id, role)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tokens (
    -- SHA-256; the token itself is sent once and kept nowhere
    hash TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    FOREIGN KEY (device_id, role) REFERENCES grants (device_id, role) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_by_device ON tokens (device_id, role, created_at);

  CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    -- one each: asking again replaces it
    device_id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    display_name TEXT,
    platform TEXT NOT NULL,
    device_family TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_mode TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    browser_origin TEXT,
    reason TEXT NOT NULL,
    role TEXT NOT NULL,
    roles TEXT NOT NULL,
    scopes TEXT NOT NULL,
    is_repair INTEGER NOT NULL,
    asked_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE setups (
    setup_id TEXT PRIMARY KEY,
    -- SHA-256 of the bootstrap token
    hash TEXT NOT NULL UNIQUE,
    access TEXT NOT NULL CHECK (access IN ('full', 'limited', 'node')),
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    device_id TEXT,
    device_name TEXT
  ) STRICT;
  `,
];
