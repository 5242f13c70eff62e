import {
  CODE_LIFETIME_MS,
  MAX_PENDING_PER_CHANNEL,
  type PendingSender,
  type SenderStore,
} from "./senders.ts";

/** An account strangers can write to, as far as the list of those who wait has to know it. */
export interface PairingAccount {
  channel: string;
  channelLabel: string;
  accountId: string;
  accountLabel?: string;
  notifySupported: boolean;
}

export interface PairingRequest extends PairingAccount {
  /** The code itself: who may read this list may approve as well. */
  requestId: string;
  senderId: string;
  senderLabel?: string;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
}

/** The answer of `channels.pairing.list`, in the shape of the published schema; the same while no gateway runs. */
export interface PairingList {
  accounts: PairingAccount[];
  requests: PairingRequest[];
  commandOwnerConfigured: boolean;
  limits: { pendingPerAccount: number; ttlMs: number };
}

export function pairingList(
  senders: Pick<SenderStore, "pending" | "approved">,
  accounts: readonly PairingAccount[],
  { channel, accountId }: { channel?: string; accountId?: string },
): PairingList {
  const asked = (each: { channel: string; accountId: string }) =>
    (channel === undefined || each.channel === channel) &&
    (accountId === undefined || each.accountId === accountId);
  return {
    accounts: accounts.filter(asked),
    requests: senders.pending(channel, accountId).map((pending) => request(pending, accounts)),
    commandOwnerConfigured: hasOwner(senders),
    limits: { pendingPerAccount: MAX_PENDING_PER_CHANNEL, ttlMs: CODE_LIFETIME_MS },
  };
}

export function hasOwner(senders: Pick<SenderStore, "approved">): boolean {
  return senders.approved().some(({ owner }) => owner);
}

/** An account that was taken out of the config may still have somebody who waits. */
function request(pending: PendingSender, accounts: readonly PairingAccount[]): PairingRequest {
  const { channel, accountId, senderId, name, code, askedAt, expiresAt } = pending;
  const account = accounts.find((each) => each.channel === channel && each.accountId === accountId);
  const asked = new Date(askedAt).toISOString();
  return {
    ...(account ?? { channel, channelLabel: channel, accountId, notifySupported: false }),
    requestId: code,
    senderId,
    ...(name !== undefined && { senderLabel: name }),
    createdAt: asked,
    lastSeenAt: asked,
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
