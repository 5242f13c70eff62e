import type { ChannelAccount, ProbeResult } from "../../channels/channel.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import type { Config } from "../../config/schema.ts";
import type { ChannelsStatus } from "../../gateway/channels/status-payload.ts";
import { systemClock } from "../../platform/clock.ts";
import { nullLog } from "../../platform/log.ts";
import { ConnectionError } from "../../protocol/client.ts";
import { GatewayError } from "../../protocol/errors.ts";
import type { CommandContext } from "../context.ts";
import { troubleFault } from "../trouble-fault.ts";
import type { SeenAccount } from "./account-text.ts";
import { configuredAccounts } from "./known-channel.ts";

/** What `channels status --json` prints: the gateway's answer, or as much of it as the config tells. */
export interface ChannelsReport
  extends Pick<ChannelsStatus, "channelOrder" | "channelLabels" | "warnings" | "partial"> {
  ts: number;
  source: "gateway" | "config";
  /** Why the gateway was not asked; with "config". */
  problem?: { what: string; why?: string; fix?: string };
  /** It was asked for, and came about. */
  probed: boolean;
  channelAccounts: Record<string, SeenAccount[]>;
  /** Sections of the config this version has no channel for. */
  unused: string[];
}

export interface ReportInput {
  channel?: string;
  probe: boolean;
  timeoutMs: number;
}

/** The gateway needs a moment beyond the platforms' own. */
const GRACE_MS = 2_000;

/** What the running gateway knows, or the config where there is none. Throws `Fault` for a config that is broken. */
export async function reportChannels(input: ReportInput, context: CommandContext): Promise<ChannelsReport> {
  const { config } = await context.config();
  const { unknown: unused } = configuredAccounts(config, context.env);
  const reached = await context.reach({ scopes: ["operator.read"], backendFor: "channels.status" });
  if (reached.kind === "trouble") {
    const target = await context.target();
    const fault = troubleFault(reached.trouble, target, "call", context.name);
    // The config of this machine says nothing about another one.
    if (!target.local) throw fault;
    const { message: what, why, fix } = fault;
    const problem = { what, ...(why !== undefined && { why }), ...(fix !== undefined && { fix }) };
    return { ...(await fromConfig(input, config, context)), problem, unused };
  }
  const { channel, probe, timeoutMs } = input;
  const params = { ...(channel !== undefined && { channel }), ...(probe && { probe, timeoutMs }) };
  try {
    const status = await reached.connection.call<ChannelsStatus>("channels.status", params, {
      timeoutMs: timeoutMs + GRACE_MS,
    });
    return { ...status, source: "gateway", probed: probe, unused };
  } catch (error) {
    const unable = error instanceof ConnectionError || isMissing(error);
    if (!unable) throw error;
    const problem = {
      what: `gateway call failed: ${(error as Error).message}`,
      fix: "openclaw gateway status",
    };
    return { ...(await fromConfig(input, config, context)), problem, unused };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof GatewayError && error.message.startsWith("unknown method");
}

async function fromConfig(
  { channel, probe, timeoutMs }: ReportInput,
  config: Config,
  { env }: CommandContext,
): Promise<Omit<ChannelsReport, "problem" | "unused">> {
  const { accounts } = configuredAccounts(config, env);
  const wanted = accounts.filter((account) => channel === undefined || account.channel === channel);
  const probes = probe ? await probeHere(wanted, timeoutMs) : new Map<ChannelAccount, ProbeResult>();
  const byChannel = Map.groupBy(wanted, (account) => account.channel);
  return {
    ...{ ts: Date.now(), source: "config", probed: probe },
    channelOrder: [...byChannel.keys()],
    channelLabels: Object.fromEntries([...byChannel.keys()].map((id) => [id, labelOf(id)])),
    channelAccounts: Object.fromEntries(
      [...byChannel].map(([id, own]) => [id, own.map((account) => seen(account, probes.get(account)))]),
    ),
  };
}

function seen({ accountId, name, enabled, missing }: ChannelAccount, probe?: ProbeResult): SeenAccount {
  return {
    ...{ accountId, enabled, configured: missing === undefined },
    ...(name !== undefined && { name }),
    ...(missing && { reason: missing.what, fix: missing.fix }),
    ...(probe && { probe, audit: { ok: probe.audit.every(({ ok }) => ok), checks: probe.audit } }),
  };
}

function labelOf(id: string): string {
  return CHANNELS.find((channel) => channel.id === id)?.label ?? id;
}

/** Asks the platforms from here: what a gateway would meet that starts now. Side by side, each with the deadline. */
async function probeHere(
  accounts: readonly ChannelAccount[],
  timeoutMs: number,
): Promise<Map<ChannelAccount, ProbeResult>> {
  const probes = new Map<ChannelAccount, ProbeResult>();
  const signal = AbortSignal.timeout(timeoutMs);
  await Promise.all(
    accounts
      .filter(({ enabled, missing }) => enabled && missing === undefined)
      .map(async (account) => {
        const channel = CHANNELS.find(({ id }) => id === account.channel)!;
        probes.set(account, await channel.probe(account, { clock: systemClock, log: nullLog(), signal }));
      }),
  );
  return probes;
}

/** The one thing `--require-ok` asks. */
export function isAllWell({ source, probed, channelAccounts }: ChannelsReport): boolean {
  if (source === "config") return false;
  return Object.values(channelAccounts)
    .flat()
    .filter(({ enabled }) => enabled)
    .every(({ connected, probe }) => (probed ? probe?.ok === true : connected === true));
}
