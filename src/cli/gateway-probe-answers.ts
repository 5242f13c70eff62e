import type { Config } from "../config/schema.ts";
import type { Finding } from "../doctor/finding.ts";
import type { HealthSnapshot } from "../protocol/entities.ts";
import { stateText } from "./channels/state-text.ts";
import { no, type Sighting, unknown, yes } from "./gateway-probe-facet.ts";
import type { ChannelAccountStatus, RunningStatus } from "./status-payload.ts";

/** What a probe can ask, and what comes back. */
export interface ProbeAnswers {
  status: RunningStatus;
  health: HealthSnapshot;
  "system-presence": unknown;
  "config.get": unknown;
  "doctor.check": { findings: Finding[] };
}
export type ProbeCall = keyof ProbeAnswers;

/** Pure: what the gateway says of its own parts, as old as its answer. */
type Answers = Partial<Pick<ProbeAnswers, "status" | "health">>;

export function channelSighting({ status, health }: Answers, config: Config | undefined): Sighting {
  const { channels } = status ?? {};
  if (channels) {
    const { supported, configured } = channels;
    if (supported.length === 0) {
      const kept = configured.length > 0 ? `; it keeps, and does not use, ${configured.join(", ")}` : "";
      return no(`this gateway has no chat channels yet${kept}`);
    }
    if (configured.length === 0) return no("none is configured");
    return accountsSighting(channels.accounts ?? [], configured, Date.now());
  }
  const order = health?.channelOrder;
  if (order) {
    const atMs = health.ts;
    return order.length > 0 ? yes(`the gateway has ${order.join(", ")}`, atMs) : no("it has none", atMs);
  }
  const inFile = Object.keys(config?.channels ?? {});
  return unknown(
    inFile.length > 0
      ? `the gateway was not asked; the config names ${inFile.join(", ")}`
      : "the gateway was not asked; the config names none",
  );
}

/** Yes only where every account that is to run has proven itself. */
function accountsSighting(
  accounts: readonly ChannelAccountStatus[],
  configured: readonly string[],
  nowMs: number,
): Sighting {
  const wanted = accounts.filter(({ enabled }) => enabled);
  if (wanted.length === 0) return no(`none is enabled; configured: ${configured.join(", ")}`);
  const evidence = wanted
    .map((account) => `${account.label} ${account.accountId} ${stateText(account, nowMs)}`)
    .join("; ");
  return wanted.every(({ state, lastProofAt }) => state === "live" && lastProofAt !== undefined)
    ? yes(evidence)
    : no(evidence);
}

export function schedulerSighting({ status }: Answers): Sighting {
  const { scheduler } = status ?? {};
  if (!scheduler) return unknown("the gateway does not tell");
  if (!scheduler.supported) return no("this gateway has no scheduler yet: nothing runs by itself");
  return scheduler.enabled ? yes("it runs") : no("it is switched off");
}
