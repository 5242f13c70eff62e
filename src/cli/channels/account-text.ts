import type { AccountRow } from "../../gateway/channels/status-payload.ts";
import { formatAge } from "../duration.ts";
import type { Paint } from "../io.ts";
import { stateText } from "./state-text.ts";

/** What is known of an account: from the gateway all of it, from the config the first four. */
export type SeenAccount = Pick<AccountRow, "accountId" | "enabled" | "configured"> & Partial<AccountRow>;

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
  const state =
    row.healthState === undefined ? "" : stateText({ ...row, channel, state: row.healthState }, nowMs);
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
