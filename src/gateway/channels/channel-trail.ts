import { type MessageTrace, type TracedInbound, traceMessage } from "../../sessions/message-trace.ts";
import type { OutboxEntry } from "../../sessions/outbox-entry.ts";
import type { GatewayServices } from "../services.ts";
import { type Trail, type TrailStep, trailOf } from "../trail.ts";

/**
 * The way of a message by a run id, a message id of ours or of a chat platform, or an outbox id; undefined where nothing is
 * on record. Around the run stands what the channels know: how it came in, and with which proof the reply left.
 */
export function trailOfMessage(id: string, services: GatewayServices): Trail | undefined {
  const trace = traceMessage(services.turns.store.database, id);
  const trail = trailOf(runOf(trace) ?? id, services);
  const arrived = trace.inbound.map(inboundStep);
  const left = trace.outbound.flatMap(outboundSteps);
  if (arrived.length === 0 && left.length === 0) return trail;
  const steps = [...arrived, ...(trail?.steps ?? []), ...left];
  if (trail) return { ...trail, steps };
  const isDropped = trace.inbound.some(({ fate }) => fate.kind === "dropped");
  return {
    runId: runOf(trace) ?? "",
    sessionKey: "",
    state: isDropped ? "dropped" : (trace.outbound.at(-1)?.state ?? "accepted"),
    steps,
  };
}

function runOf({ inbound, outbound }: MessageTrace): string | undefined {
  for (const { fate } of inbound) if (fate.kind === "accepted") return fate.runId;
  return outbound.find(({ runId }) => runId !== undefined)?.runId;
}

function inboundStep({ channel, accountId, chatId, messageId, fate, at }: TracedInbound): TrailStep {
  const what = `message ${messageId} in chat ${chatId} of ${channel} ${accountId}`;
  return fate.kind === "dropped"
    ? { at, step: "gate", outcome: "dropped", text: `${what}: ${fate.reason}` }
    : { at, step: "received", outcome: channel, text: what };
}

function outboundSteps(entry: OutboxEntry): TrailStep[] {
  const { id, channel, accountId, to, state, failure, parts, messageIds, attempts, createdAt, updatedAt } =
    entry;
  const queued: TrailStep = {
    at: createdAt,
    step: "outbox",
    outcome: "queued",
    text: `${id} to ${to} by ${channel} ${accountId}`,
  };
  if (state === "queued" && attempts === 0 && !failure) return [queued];
  const arrived =
    messageIds.length > 0
      ? `message ids ${messageIds.join(", ")}${state === "sent" ? "" : ` of ${parts ?? "?"} parts`}`
      : "nothing has arrived";
  const why = failure ? `; ${failure.reason} (${failure.class})` : "";
  return [queued, { at: updatedAt, step: "outbox", outcome: state, text: `${arrived}${why}` }];
}
