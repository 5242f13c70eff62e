import { type RunEnd, type RunEvent, runAgent } from "../agent/loop.ts";
import type { ModelTarget } from "../agent/provider.ts";
import type { AnyTool } from "../agent/tool.ts";
import { Fault } from "../platform/fault.ts";
import { NO_USAGE, type TranscriptMessage } from "../protocol/messages.ts";
import { userMessage } from "../sessions/journal.ts";
import { storeEvent } from "./compact.ts";
import type { Turn } from "./open-turn.ts";
import { recordCall } from "./record-call.ts";
import { runInputFor } from "./run-input.ts";
import type { TurnServices } from "./services.ts";

/** What `deliver` needs to know of a run that is over. */
export interface RunReport {
  end: RunEnd;
  startedAt: number;
  target: ModelTarget | undefined;
  /** Why the run was aborted, as given to the signal. */
  abortReason: unknown;
  /**
   * The last assistant message, not stored yet: it goes to disk in one transaction with the turn's end. Otherwise
   * a crash between the two would leave an answered turn open, and the next start would answer it again.
   */
  held: TranscriptMessage | undefined;
}

/** Abort reason of a process that goes away: not somebody's wish to stop this turn. */
export const SHUTDOWN = Symbol("gateway shutdown");

/** One run of the agent for one turn. Never rejects: what cannot start is a failed end. */
export async function runTurn(turn: Turn, signal: AbortSignal, services: TurnServices): Promise<RunReport> {
  const { clock, journal, store } = services;
  const { message, session, stream } = turn;
  let tools: readonly AnyTool[] = [];
  const report: RunReport = {
    end: { reason: "aborted", text: "", usage: NO_USAGE, steps: 0 },
    startedAt: clock.now(),
    target: undefined,
    abortReason: undefined,
    held: undefined,
  };

  // What waits behind an unfinished turn must not enter the transcript before that one is answered.
  if (signal.aborted && signal.reason === SHUTDOWN) return { ...report, abortReason: SHUTDOWN };

  try {
    if (turn.command && !signal.aborted) {
      const { runCommand } = await import("./run-command.ts");
      const done = await runCommand(turn, turn.command, signal, services);
      if (done) return done;
    }
    const begun = journal.begin(turn.runId, session);
    services.failpoint("run.afterStart");
    for (const stored of begun) stream.stored(stored);
    services.lanes.takeCollected(session.key, turn.runId);
    stream.started(report.startedAt);
    services.onChange(session.key, { reason: "start", runId: turn.runId });
    if (!signal.aborted) report.end = await answer();
  } catch (error) {
    report.end = { ...report.end, reason: "failed", ...explain(error, turn, services) };
  }
  report.abortReason = signal.reason;
  return report;

  async function answer(): Promise<RunEnd> {
    stream.status("preparing_context");
    const input = await runInputFor(turn, signal, services);
    tools = input.tools;
    report.target = input.candidates[0].target;
    stream.status("starting_model");
    const end = await runAgent({ ...input, takeSteered, onEvent });
    report.target = end.target ?? report.target;
    return end;
  }

  function takeSteered(): TranscriptMessage[] {
    return services.lanes.takeSteered(session.key, turn.runId).flatMap(({ runId }) => {
      const record = journal.find(runId);
      return record ? [userMessage(record, clock.now())] : [];
    });
  }

  function onEvent(event: RunEvent): void {
    if (event.kind === "message") keep(event.message);
    if (event.kind === "attempt") recordCall(turn, event, services);
    if (event.kind === "tool-start") noteEffects(event.name);
    storeEvent(turn, event, services);
    failpointOf(event);
    stream.run(event);
    message.watch?.(event);
  }

  function keep(produced: TranscriptMessage): void {
    // A steered message entered the transcript when its own turn was merged.
    if (produced.role === "user") return;
    // A steered message made the run go on: what looked like the last word was not.
    if (report.held) write(report.held);
    report.held = undefined;
    const mayBeLast =
      produced.role === "assistant" && !produced.content.some(({ type }) => type === "toolCall");
    if (mayBeLast) report.held = produced;
    else write(produced);
  }

  function write(produced: TranscriptMessage): void {
    stream.stored(store.database.transaction(() => store.append(session, produced, turn.runId)));
  }

  function failpointOf(event: RunEvent): void {
    if (event.kind === "text") services.failpoint("run.midStream");
    if (event.kind === "tool-start") services.failpoint("run.afterToolIntent");
    if (event.kind === "message" && event.message.role === "toolResult")
      services.failpoint("run.afterToolResult");
  }

  /** On disk before the effect happens, so that a crash in the middle never repeats it. */
  function noteEffects(toolName: string): void {
    const tool = tools.find((candidate) => candidate.name === toolName);
    if (tool?.effect === "external") journal.markEffects(turn.runId);
  }
}

function explain(
  error: unknown,
  turn: Turn,
  { log }: TurnServices,
): { failure: RunEnd["failure"]; message: string } {
  if (error instanceof Fault) {
    return {
      failure: "model-not-found",
      message: [error.message, error.why, error.fix && `fix: ${error.fix}`].filter(Boolean).join(" — "),
    };
  }
  log.error("turn could not run", { turnId: turn.runId, sessionKey: turn.session.key, step: "run", error });
  return { failure: undefined, message: "internal error" };
}
