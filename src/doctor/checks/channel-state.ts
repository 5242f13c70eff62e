import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";
import type { ChannelSeen } from "../gateway-view.ts";

/** Chat accounts that are to run and do not, as the gateway that tries sees them. */
export default defineCheck({
  id: "channel-state",
  summary: "each chat account is live, and its messages go out",
  where: "inside",
  async inspect({ gateway, nowMs }) {
    const { self } = await gateway();
    return (self?.channels ?? []).flatMap((account) => [
      ...(connectionOf(account, nowMs) ?? []),
      ...(deadLetters(account) ?? []),
    ]);
  },
});

const SILENT = /polling stall|no update for|no answer|no connection within/i;
const REFUSED = /\b40[13]\b|unauthorized|forbidden|password|sasl|banned/i;
const CONFLICT = /\b409\b|conflict|another (program|gateway|poller|instance)/i;

/** An account that lacks settings is the business of its platform's own check; a stopped one was stopped by somebody. */
function connectionOf(account: ChannelSeen, nowMs: number): Observation[] | undefined {
  const { channel, label, accountId, enabled, configured, state, reason, fix, lastProofAt } = account;
  if (!enabled || !configured || (state !== "degraded" && state !== "parked") || reason === undefined)
    return undefined;
  const proof =
    lastProofAt === undefined
      ? "it has never been live in this run"
      : `stalled since ${new Date(lastProofAt).toISOString()} (${Math.round((nowMs - lastProofAt) / 1_000)} s)`;
  return [
    {
      id: idOf(reason),
      title: `${label} account "${accountId}" is ${state}: ${reason}`,
      evidence: [`${channel} ${accountId}: ${state}: ${reason}`, proof],
      ...(fix !== undefined && { fix }),
    },
  ];
}

function idOf(reason: string): string {
  if (CONFLICT.test(reason)) return "channel-conflict";
  if (SILENT.test(reason)) return "channel-silent";
  return REFUSED.test(reason) ? "channel-permission" : "channel-down";
}

function deadLetters({ channel, label, accountId, outbox }: ChannelSeen): Observation[] | undefined {
  const { failed } = outbox;
  if (failed === 0) return undefined;
  const messages = failed === 1 ? "1 message" : `${failed} messages`;
  return [
    {
      id: "outbox-dead-letters",
      title: `${messages} could not be delivered by ${label} account "${accountId}"`,
      evidence: [`${channel} ${accountId}: ${failed} in the outbox have failed for good`],
    },
  ];
}
