import { NO_USAGE } from "../protocol/messages.ts";
import type { Turn } from "./open-turn.ts";
import type { TurnFacts, TurnOutcome } from "./outcome.ts";
import { type RunReport, SHUTDOWN } from "./run.ts";
import type { TurnServices } from "./services.ts";

/**
 * Ends a turn: its state goes to disk, then everybody who watches is told. Control-plane clients read the
 * reply from the transcript and the final event, so those two are the delivery.
 */
export function deliver(turn: Turn, report: RunReport, services: TurnServices): TurnOutcome {
  const outcome = settle(turn, report, services);
  turn.stream.ended(outcome);
  services.onChange(turn.session.key, { reason: "end", runId: turn.runId });
  services.log.info(`turn ${outcome.kind}`, {
    turnId: turn.runId,
    sessionKey: turn.session.key,
    step: "deliver",
    outcome: outcome.kind,
    surface: turn.message.surface,
    durationMs: services.clock.now() - report.startedAt,
    steps: report.end.steps,
    ...(report.target && { model: `${report.target.provider}/${report.target.model}` }),
    ...(outcome.kind === "failed" && { reason: outcome.failure, error: outcome.error }),
    ...(outcome.kind === "aborted" && { reason: outcome.reason }),
  });
  return outcome;
}

function settle(turn: Turn, report: RunReport, services: TurnServices): TurnOutcome {
  const { journal, store, clock } = services;
  const { end, target } = report;
  const facts: TurnFacts = {
    runId: turn.runId,
    sessionKey: turn.session.key,
    sessionId: turn.session.sessionId,
    agentId: turn.session.agentId,
    startedAt: report.startedAt,
    endedAt: clock.now(),
    provider: target?.provider ?? "",
    model: target?.model ?? "",
    usage: end.usage ?? NO_USAGE,
  };
  if (target && end.usage.totalTokens > 0) {
    store.recordUsage(turn.session, end.usage, target.provider, target.model);
  }

  switch (end.reason) {
    case "stop":
    case "length":
      journal.finish(turn.runId, "ok", { reply: end.text });
      return {
        kind: "answered",
        text: end.text,
        stopReason: end.reason,
        message: report.lastMessage,
        ...facts,
      };
    case "aborted":
      return report.abortReason === SHUTDOWN
        ? stopWithProcess(turn, report, facts, services)
        : abort(turn, report, facts, services);
    case "failed": {
      const error = end.message ?? "internal error";
      journal.finish(turn.runId, "error", { error });
      return {
        kind: "failed",
        failure: end.failure ?? "internal",
        error,
        ...(end.retryAfterMs !== undefined && { retryAfterMs: end.retryAfterMs }),
        ...facts,
      };
    }
  }
}

function abort(
  turn: Turn,
  { end, abortReason }: RunReport,
  facts: TurnFacts,
  { journal }: TurnServices,
): TurnOutcome {
  const reason = typeof abortReason === "string" ? abortReason : "aborted";
  journal.finish(turn.runId, "aborted", { reply: end.text, error: reason });
  return { kind: "aborted", text: end.text, reason, ...facts };
}

/** The next start runs it again where that repeats nothing; otherwise what was said so far is kept and marked. */
function stopWithProcess(
  turn: Turn,
  report: RunReport,
  facts: TurnFacts,
  services: TurnServices,
): TurnOutcome {
  const { journal, store } = services;
  const resumes = turn.message.resumable && !journal.find(turn.runId)?.effects;
  if (resumes) journal.putBack(turn.runId);
  else {
    const partial = report.partial;
    if (partial) store.append(turn.session, { ...partial, stopReason: "interrupted" }, turn.runId);
    journal.finish(turn.runId, "interrupted", {
      reply: report.end.text,
      error: "the gateway stopped during this turn",
    });
  }
  return { kind: "put-back", resumes, ...facts };
}
