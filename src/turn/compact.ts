import { watchAbort } from "../agent/abort.ts";
import { type CompactedNow, openContext } from "../agent/context.ts";
import type { RunEvent } from "../agent/run.ts";
import { Fault } from "../platform/fault.ts";
import { type TranscriptMessage, text } from "../protocol/messages.ts";
import { recordCompaction } from "../sessions/compaction.ts";
import type { Turn } from "./open-turn.ts";
import { recordCall } from "./record-call.ts";
import { runInputFor } from "./run-input.ts";
import type { TurnServices } from "./services.ts";

/** Makes a summary of everything but the newest exchange. To be called in the session's lane. */
export async function compactNow(
  turn: Turn,
  services: TurnServices,
  signal: AbortSignal,
): Promise<CompactedNow> {
  using abort = watchAbort(signal);
  try {
    const input = await runInputFor(turn, signal, services);
    const onEvent = (event: RunEvent) => {
      if (event.kind === "attempt") recordCall(turn, event, services);
      storeEvent(turn, event, services);
      turn.stream.run(event);
    };
    const context = openContext({ ...input, takeSteered: () => [], onEvent }, abort);
    return await context.compactNow(input.candidates[0]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "failed", why: error.message };
  }
}

/** What a run says about the conversation itself enters the transcript where people read it. */
export function storeEvent(turn: Turn, event: RunEvent, { store, clock, log }: TurnServices): void {
  const { runId, session, stream } = turn;
  if (event.kind === "notice") {
    const notice: TranscriptMessage = {
      role: "system",
      content: text(event.text),
      timestamp: clock.now(),
      details: { kind: "notice" },
    };
    stream.stored(store.database.transaction(() => store.append(session, notice, runId)));
  }
  if (event.kind !== "compacted") return;
  const about = { turnId: runId, sessionKey: session.key, step: "run" };
  const { outcome } = event;
  if (outcome.kind === "failed") log.warn(`conversation not compacted: ${outcome.why}`, about);
  if (outcome.kind !== "made") return;
  const { tokensBefore, tokensAfter, reason } = outcome.record;
  stream.stored(recordCompaction(store, session, outcome.record, { now: clock.now(), runId }));
  log.info("conversation compacted", { ...about, reason, tokensBefore, tokensAfter });
}
