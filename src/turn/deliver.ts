import { NO_USAGE, type StoredMessage, type TranscriptMessage } from "../protocol/messages.ts";
import type { TurnState } from "../sessions/journal.ts";
import { interruptedNotice } from "./interrupted-notice.ts";
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
  const usage = target && end.usage.totalTokens > 0 ? { tokens: end.usage, target } : undefined;

  /** One transaction: the last message, its price and the turn's end are on disk together or not at all. */
  function close(
    state: TurnState,
    outcome: { reply?: string; error?: string },
    last = report.held,
  ): StoredMessage | undefined {
    const stored = store.database.transaction(
      () => {
        if (usage) store.recordUsage(turn.session, usage.tokens, usage.target.provider, usage.target.model);
        const message = last && store.append(turn.session, last, turn.runId);
        journal.finish(turn.runId, state, outcome);
        return message;
      },
      { durable: true },
    );
    services.failpoint("run.afterFinalCommit");
    if (stored) turn.stream.stored(stored);
    return stored;
  }

  switch (end.reason) {
    case "stop":
    case "length":
    case "tool-calls": {
      const message = close("ok", { reply: end.text });
      return {
        kind: "answered",
        text: end.text,
        stopReason: end.reason,
        clientCalls: end.clientCalls ?? [],
        message,
        ...facts,
      };
    }
    case "failed": {
      const error = end.message ?? "internal error";
      close("error", { error });
      return {
        kind: "failed",
        failure: end.failure ?? "internal",
        error,
        ...(end.retryAfterMs !== undefined && { retryAfterMs: end.retryAfterMs }),
        ...facts,
      };
    }
    case "aborted": {
      if (report.abortReason !== SHUTDOWN) {
        const reason = typeof report.abortReason === "string" ? report.abortReason : "aborted";
        close("aborted", { reply: end.text, error: reason });
        return { kind: "aborted", text: end.text, reason, ...facts };
      }
      // The next start runs it again where that repeats nothing; otherwise what was said so far is kept and marked.
      const effects = journal.find(turn.runId)?.effects;
      const resumes = turn.message.resumable && !effects;
      const partial: TranscriptMessage = report.held
        ? { ...report.held, stopReason: "interrupted" }
        : interruptedNotice(
            effects ? "a tool had already changed something" : "whoever asked is no longer connected",
            clock.now(),
          );
      if (resumes) journal.putBack(turn.runId);
      else close("interrupted", { reply: end.text, error: "the gateway stopped during this turn" }, partial);
      return { kind: "put-back", resumes, ...facts };
    }
  }
}
