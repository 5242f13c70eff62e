import type { ProbeResult } from "../../channels/channel.ts";
import type { AccountStatus } from "./desk.ts";

/** One account in `channels.status`: the fields the published schema names, and ours with the proof of each word. */
export interface AccountRow
  extends Omit<AccountStatus, "channel" | "label" | "reconnects" | "lastError" | "state"> {
  /** It is meant to have a connection: not stopped, not parked. */
  running: boolean;
  /** Proven by a poll or heartbeat that is young enough. */
  connected: boolean;
  reconnectAttempts: number;
  lastError: string | null;
  healthState: AccountStatus["state"];
  lastTransportActivityAt: number | null;
  lastProbeAt?: number;
  probe?: ProbeResult;
  audit?: { ok: boolean; checks: ProbeResult["audit"] };
}

/** The answer of `channels.status` (protocol.md §9.8). */
export interface ChannelsStatus {
  ts: number;
  channelOrder: string[];
  channelLabels: Record<string, string>;
  channelDetailLabels: Record<string, string>;
  channelMeta: { id: string; label: string; detailLabel: string }[];
  channels: Record<string, ChannelSummary>;
  channelAccounts: Record<string, AccountRow[]>;
  channelDefaultAccountId: Record<string, string>;
  /** What needs somebody, one sentence each, with the command that helps. */
  warnings?: string[];
  /** Accounts that were to be probed and did not answer in time are left without a probe. */
  partial?: boolean;
}

export interface ChannelSummary {
  configured: boolean;
  running: boolean;
  connected: boolean;
  lastError: string | null;
}

export interface StatusInput {
  accounts: readonly AccountStatus[];
  /** The default account of a channel, as its section says. */
  defaultAccountOf(channel: string): string | undefined;
  probes?: ReadonlyMap<AccountStatus, ProbeResult>;
  nowMs: number;
}

/** Pure. */
export function channelsStatus({ accounts, defaultAccountOf, probes, nowMs }: StatusInput): ChannelsStatus {
  const byChannel = Map.groupBy(accounts, ({ channel }) => channel);
  const status: ChannelsStatus = {
    ...{ ts: nowMs, channelOrder: [...byChannel.keys()], channelLabels: {}, channelDetailLabels: {} },
    ...{ channelMeta: [], channels: {}, channelAccounts: {}, channelDefaultAccountId: {} },
  };
  for (const [id, own] of byChannel) {
    const { label } = own[0]!;
    const rows = own.map((account) => accountRow(account, probes?.get(account), nowMs));
    status.channelLabels[id] = label;
    status.channelDetailLabels[id] = label;
    status.channelMeta.push({ id, label, detailLabel: label });
    status.channelAccounts[id] = rows;
    status.channels[id] = summary(rows);
    status.channelDefaultAccountId[id] = defaultOf(rows, defaultAccountOf(id));
  }
  const warnings = accounts.flatMap((account) => warningsOf(account, probes?.get(account)));
  return {
    ...status,
    ...(warnings.length > 0 && { warnings }),
    ...(probes && accounts.some((account) => !probes.has(account)) && { partial: true }),
  };
}

export function accountRow(
  account: AccountStatus,
  probe: ProbeResult | undefined,
  nowMs: number,
): AccountRow {
  const { channel: _, label: __, reconnects, lastError, state, ...rest } = account;
  return {
    ...rest,
    running: state !== "stopped" && state !== "parked",
    connected: state === "live",
    reconnectAttempts: reconnects,
    lastError: lastError ?? null,
    healthState: state,
    lastTransportActivityAt: account.lastProofAt ?? null,
    ...(probe && {
      ...{ probe, lastProbeAt: nowMs },
      audit: { ok: probe.audit.every(({ ok }) => ok), checks: probe.audit },
    }),
  };
}

function summary(rows: readonly AccountRow[]): ChannelSummary {
  return {
    configured: rows.some(({ configured }) => configured),
    running: rows.some(({ running }) => running),
    connected: rows.some(({ connected }) => connected),
    lastError: rows.find(({ lastError }) => lastError !== null)?.lastError ?? null,
  };
}

function defaultOf(rows: readonly AccountRow[], wanted: string | undefined): string {
  const has = (id: string | undefined) => rows.some(({ accountId }) => accountId === id);
  if (wanted !== undefined && has(wanted)) return wanted;
  return has("default") ? "default" : rows[0]!.accountId;
}

function warningsOf(account: AccountStatus, probe: ProbeResult | undefined): string[] {
  const { label, accountId, enabled, state, reason, fix, outbox } = account;
  const name = `${label} ${accountId}`;
  const help = (command: string | undefined) => (command === undefined ? "" : `; fix: ${command}`);
  const warnings: string[] = [];
  if (enabled && state !== "live" && reason !== undefined)
    warnings.push(`${name} is ${state}: ${reason}${help(fix)}`);
  if (outbox.failed > 0)
    warnings.push(
      `${name}: ${outbox.failed} ${outbox.failed === 1 ? "message" : "messages"} could not be delivered; fix: openclaw outbox list --state failed`,
    );
  if (probe && !probe.ok) warnings.push(`${name}: ${probe.summary}`);
  for (const fact of probe?.audit ?? [])
    if (!fact.ok) warnings.push(`${name}: ${fact.text}${help(fact.fix)}`);
  return warnings;
}
