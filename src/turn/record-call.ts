import type { ModelAttempt } from "../agent/run.ts";
import type { Turn } from "./open-turn.ts";
import type { TurnServices } from "./services.ts";

/** Puts a model call on the bill and its decision on record. A disk that takes nothing costs the entry, not the answer. */
export function recordCall(turn: Turn, attempt: ModelAttempt, { modelCalls, log }: TurnServices): void {
  const { startedAt, durationMs, provider, model, key, purpose, outcome, usage, cost, message, decision } =
    attempt;
  const about = { turnId: turn.runId, sessionKey: turn.session.key, step: "run" };
  try {
    modelCalls.add({
      runId: turn.runId,
      sessionKey: turn.session.key,
      agentId: turn.session.agentId,
      at: startedAt,
      durationMs,
      provider,
      model,
      key,
      ...(purpose && { purpose }),
      outcome,
      ...(usage && { usage }),
      ...(cost !== undefined && { cost }),
      ...(message !== undefined && { message }),
      ...(decision && { action: decision.action, reason: decision.reason }),
    });
  } catch (error) {
    log.error("model call not recorded", { ...about, error });
  }
  if (!decision) return;
  const { action, reason, waitMs } = decision;
  const next = action === "retry" && waitMs > 0 ? `retry in ${waitMs} ms` : action;
  const what =
    outcome === "passed-over"
      ? `model passed over: ${reason}`
      : `model call failed (${outcome}), ${next}${message ? `: ${message}` : ""}`;
  log.warn(what, {
    ...about,
    model: `${provider}/${model}`,
    key,
    outcome,
    action,
    reason,
    durationMs,
  });
}
