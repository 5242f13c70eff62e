import type { AccountRow } from "../../gateway/channels/status-payload.ts";
import { formatAge, formatDuration } from "../duration.ts";
import type { Paint } from "../io.ts";

/** What is known of an account: from the gateway all of it, from the config the first four. */
export type SeenAccount = Pick<AccountRow, "accountId" | "enabled" | "configured"> & Partial<AccountRow>;

/** What a platform does that proves the connection alive. */
const PROOF: Readonly<Record<string, string>> = { telegram: "last poll", irc: "last answer" };
const MINUTE_MS = 60_000;

/** "live, last poll 4 s ago"; without proof nobody is called live. */
export function stateText(channel: string, row: SeenAccount, nowMs: number): string {
  const { healthState: state, lastTransportActivityAt: proofAt, reason, nextAttemptAt } = row;
  if (state === undefined) return "";
  const proof = proofAt ? `${PROOF[channel] ?? "last sign of life"} ${secondsAgo(nowMs - proofAt)}` : "";
  if (state === "live") return proof === "" ? "no proof of life yet" : `live, ${proof}`;
  const why = reason === undefined ? "" : `: ${reason}`;
  const again =
    nextAttemptAt !== undefined && nextAttemptAt > nowMs
      ? `next attempt in ${formatDuration(Math.ceil((nextAttemptAt - nowMs) / 1_000) * 1_000)}`
      : "";
  return [`${state}${why}`, proof, again].filter((part) => part !== "").join(", ");
}

/** One line as `channels status` prints it; what needs somebody stands below it. */
export function accountLines(
  { channel, label, row }: { channel: string; label: string; row: SeenAccount },
  paint: Paint,
  nowMs: number,
): string[] {
  const { accountId, name, enabled, configured, self, lastInboundAt, lastOutboundAt, outbox, probe, fix } =
    row;
  const { reconnectAttempts = 0 } = row;
  const paintState = row.healthState === "live" ? paint.green : enabled ? paint.yellow : paint.dim;
  const state = stateText(channel, row, nowMs);
  const parts = [
    enabled ? "enabled" : "disabled",
    configured ? "configured" : "not configured",
    ...(state === "" ? [] : [paintState(state)]),
    ...(self ? [`as ${self.name}`] : []),
    ...(lastInboundAt ? [`in ${formatAge(nowMs - lastInboundAt)}`] : []),
    ...(lastOutboundAt ? [`out ${formatAge(nowMs - lastOutboundAt)}`] : []),
    ...(reconnectAttempts > 0 ? [`${reconnectAttempts} reconnects`] : []),
    ...(outbox && outbox.queued > 0 ? [`${outbox.queued} waiting to be sent`] : []),
    ...(outbox && outbox.unknown > 0 ? [`${outbox.unknown} of unknown fate`] : []),
    ...(outbox && outbox.failed > 0 ? [paint.red(`${outbox.failed} undelivered`)] : []),
    ...(probe ? [probe.ok ? paint.green(probe.summary) : paint.red(`probe failed: ${probe.summary}`)] : []),
    ...(probe && probe.audit.length > 0 && probe.audit.every(({ ok }) => ok) ? ["audit ok"] : []),
  ];
  const called = name === undefined ? accountId : `${accountId} (${name})`;
  const facts = (probe?.audit ?? []).filter(({ ok }) => !ok);
  const needsFix = row.healthState !== "live" && enabled && fix !== undefined;
  return [
    `- ${label} ${called}: ${parts.join(", ")}`,
    ...(needsFix ? [`    fix: ${fix}`] : []),
    ...facts.flatMap(({ text, fix }) => [
      `    ${paint.yellow(text)}`,
      ...(fix === undefined ? [] : [`    fix: ${fix}`]),
    ]),
  ];
}

function secondsAgo(ms: number): string {
  if (ms < 0) return "just now";
  return ms < MINUTE_MS ? `${Math.round(ms / 1_000)} s ago` : formatAge(ms);
}
