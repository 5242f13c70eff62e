import { existsSync, renameSync } from "node:fs";
import type { Clock } from "../../platform/clock.ts";
import { DamagedDatabase } from "../../platform/database-fault.ts";
import { type Database, openDatabase } from "../../platform/sqlite.ts";
import { newPairingCode, parsePairingCode } from "./pairing-code.ts";
import { SENDER_MIGRATIONS } from "./schema.ts";
import { openWrongCodes } from "./wrong-codes.ts";

export interface SenderId {
  channel: string;
  accountId: string;
  /** Immutable on its platform. */
  senderId: string;
}

export interface PendingSender extends SenderId {
  name?: string;
  code: string;
  askedAt: number;
  expiresAt: number;
}

export interface ApprovedSender extends SenderId {
  name?: string;
  /** May give commands to the gateway itself. The first who was approved; a wildcard makes nobody an owner. */
  owner: boolean;
  approvedAt: number;
}

export type PairingAnswer =
  /** "pending": has asked before, and the code still holds. Nobody is told twice. */
  | { kind: "new" | "pending"; code: string; expiresAt: number }
  /** As many as may wait in this channel do. */
  | { kind: "full" }
  /** Was rejected, or asked too often. */
  | { kind: "muted" };

/** Why a code did nothing. */
export type CodeRefusal =
  | { kind: "unknown-code" }
  /** The same code waits for several accounts of the channel; name one. */
  | { kind: "ambiguous"; accountIds: string[] }
  /** Too many wrong codes for this channel. */
  | { kind: "locked"; retryAfterMs: number };

export type ApprovalResult =
  /** `becameOwner`: nobody was before. */
  { kind: "approved"; sender: ApprovedSender; becameOwner: boolean } | CodeRefusal;

export type RejectionResult = { kind: "rejected"; sender: PendingSender } | CodeRefusal;

/** People who may write to the bot: those approved, and those who wait for it. All calls are synchronous. */
export interface SenderStore extends Disposable {
  request(sender: SenderId & { name?: string | undefined }): PairingAnswer;
  pending(channel?: string, accountId?: string): PendingSender[];
  /** `code` as typed. */
  approve(channel: string, code: string, accountId?: string): ApprovalResult;
  /** They may ask again after a day. */
  reject(channel: string, code: string, accountId?: string): RejectionResult;
  isApproved(channel: string, accountId: string, senderId: string): boolean;
  isOwner(channel: string, accountId: string, senderId: string): boolean;
  approved(channel?: string, accountId?: string): ApprovedSender[];
  /** False when there was none. The last owner may go; the next one approved becomes one. */
  remove(channel: string, accountId: string, senderId: string): boolean;
}

export interface SendersInput {
  path: string;
  clock: Clock;
  /** The file was damaged; it lies there now, and an empty one has taken its place. */
  onSetAside(path: string, cause: Error): void;
}

export const CODE_LIFETIME_MS = 3_600_000;
export const MAX_PENDING_PER_CHANNEL = 3;
/** Codes a sender gets within a day before nobody answers them any more. */
const MAX_CODES_PER_DAY = 5;
const DAY_MS = 86_400_000;

type Row = Record<string, unknown>;

/**
 * A file of its own, as that of the devices: it can be used while no gateway runs, and damage to it costs approvals that
 * can be given anew. Throws `Fault` where the disk refuses or the file is of a newer version.
 */
export function openSenders(input: SendersInput): SenderStore {
  const { clock } = input;
  const database = openOrSetAside(input);
  const wrongCodes = openWrongCodes(database, clock);
  const one = (sql: string, ...values: (string | number)[]) => database.prepare(sql).get(...values);
  const run = (sql: string, ...values: (string | number | null)[]) => database.prepare(sql).run(...values);

  function pending(channel?: string, accountId?: string): PendingSender[] {
    const now = clock.now();
    // A clock that went back must not keep a code alive for longer than it was meant to.
    run("DELETE FROM pending WHERE expires_at <= ?1 OR asked_at > ?1 + ?2", now, CODE_LIFETIME_MS);
    return database
      .prepare(
        `SELECT * FROM pending WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR account_id = ?2)
         ORDER BY asked_at, channel, code`,
      )
      .all(channel ?? null, accountId ?? null)
      .map(toPending);
  }

  /** The one who waits with this code. Call inside a transaction: wrong codes are counted. */
  function redeem(
    channel: string,
    typed: string,
    accountId: string | undefined,
  ): { kind: "found"; sender: PendingSender } | CodeRefusal {
    const retryAfterMs = wrongCodes.lockedForMs(channel);
    if (retryAfterMs > 0) return { kind: "locked", retryAfterMs };
    const code = parsePairingCode(typed);
    const found = code === undefined ? [] : pending(channel, accountId).filter((row) => row.code === code);
    const [sender] = found;
    if (!sender) {
      wrongCodes.add(channel);
      return { kind: "unknown-code" };
    }
    if (found.length > 1) return { kind: "ambiguous", accountIds: found.map((row) => row.accountId) };
    wrongCodes.clear(channel);
    dropPending(sender);
    return { kind: "found", sender };
  }

  function mute({ channel, accountId, senderId }: SenderId, count: number, untilMs: number): void {
    run(
      `INSERT INTO asked (channel, account_id, sender_id, count, muted_until, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = excluded.count, muted_until = excluded.muted_until, at = excluded.at`,
      ...[channel, accountId, senderId, count, untilMs, clock.now()],
    );
    run("DELETE FROM asked WHERE at < ?", clock.now() - DAY_MS);
  }

  function dropPending({ channel, accountId, senderId }: SenderId): void {
    run(
      "DELETE FROM pending WHERE channel = ? AND account_id = ? AND sender_id = ?",
      ...[channel, accountId, senderId],
    );
  }

  return {
    pending,
    request({ channel, accountId, senderId, name }) {
      return database.transaction((): PairingAnswer => {
        const waiting = pending(channel);
        const own = waiting.find((row) => row.accountId === accountId && row.senderId === senderId);
        if (own) return { kind: "pending", code: own.code, expiresAt: own.expiresAt };
        const now = clock.now();
        const asked = one(
          "SELECT * FROM asked WHERE channel = ? AND account_id = ? AND sender_id = ?",
          ...[channel, accountId, senderId],
        );
        const recent = asked && now - Number(asked.at) < DAY_MS ? asked : undefined;
        const count = Number(recent?.count ?? 0);
        if (recent && (Number(recent.muted_until) > now || count >= MAX_CODES_PER_DAY))
          return { kind: "muted" };
        if (waiting.length >= MAX_PENDING_PER_CHANNEL) return { kind: "full" };
        const code = newPairingCode();
        const expiresAt = now + CODE_LIFETIME_MS;
        run(
          "INSERT INTO pending (channel, account_id, sender_id, name, code, asked_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          ...[channel, accountId, senderId, name ?? null, code, now, expiresAt],
        );
        mute({ channel, accountId, senderId }, count + 1, 0);
        return { kind: "new", code, expiresAt };
      });
    },
    approve(channel, typed, accountId) {
      return database.transaction(
        (): ApprovalResult => {
          const redeemed = redeem(channel, typed, accountId);
          if (redeemed.kind !== "found") return redeemed;
          const { code: _code, askedAt: _askedAt, expiresAt: _expiresAt, ...who } = redeemed.sender;
          const becameOwner = one("SELECT 1 FROM approved WHERE owner = 1 LIMIT 1") === undefined;
          const approvedAt = clock.now();
          run(
            "INSERT OR IGNORE INTO approved (channel, account_id, sender_id, name, owner, approved_at) VALUES (?, ?, ?, ?, ?, ?)",
            ...[channel, who.accountId, who.senderId, who.name ?? null, becameOwner ? 1 : 0, approvedAt],
          );
          return { kind: "approved", sender: { ...who, owner: becameOwner, approvedAt }, becameOwner };
        },
        { durable: true },
      );
    },
    reject(channel, typed, accountId) {
      return database.transaction(
        (): RejectionResult => {
          const redeemed = redeem(channel, typed, accountId);
          if (redeemed.kind !== "found") return redeemed;
          mute(redeemed.sender, 0, clock.now() + DAY_MS);
          return { kind: "rejected", sender: redeemed.sender };
        },
        { durable: true },
      );
    },
    isApproved: (channel, accountId, senderId) =>
      one(
        "SELECT 1 FROM approved WHERE channel = ? AND account_id = ? AND sender_id = ?",
        ...[channel, accountId, senderId],
      ) !== undefined,
    isOwner: (channel, accountId, senderId) =>
      one(
        "SELECT 1 FROM approved WHERE channel = ? AND account_id = ? AND sender_id = ? AND owner = 1",
        ...[channel, accountId, senderId],
      ) !== undefined,
    approved: (channel, accountId) =>
      database
        .prepare(
          `SELECT * FROM approved WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR account_id = ?2)
           ORDER BY approved_at, channel, sender_id`,
        )
        .all(channel ?? null, accountId ?? null)
        .map(toApproved),
    remove: (channel, accountId, senderId) =>
      database.transaction(
        () =>
          Number(
            run(
              "DELETE FROM approved WHERE channel = ? AND account_id = ? AND sender_id = ?",
              ...[channel, accountId, senderId],
            ).changes,
          ) > 0,
        { durable: true },
      ),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

function openOrSetAside({ path, clock, onSetAside }: SendersInput): Database {
  const open = () => openDatabase(path, { migrations: SENDER_MIGRATIONS });
  try {
    return open();
  } catch (error) {
    if (!(error instanceof DamagedDatabase)) throw error;
    const aside = `${path}.damaged.${clock.now()}`;
    for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, aside + end);
    const database = open();
    onSetAside(aside, error);
    return database;
  }
}

function idOf(row: Row): SenderId & { name?: string } {
  return {
    channel: row.channel as string,
    accountId: row.account_id as string,
    senderId: row.sender_id as string,
    ...(row.name !== null && { name: row.name as string }),
  };
}

function toPending(row: Row): PendingSender {
  return {
    ...idOf(row),
    code: row.code as string,
    askedAt: row.asked_at as number,
    expiresAt: row.expires_at as number,
  };
}

function toApproved(row: Row): ApprovedSender {
  return { ...idOf(row), owner: row.owner === 1, approvedAt: row.approved_at as number };
}
