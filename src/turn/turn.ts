import { Fault } from "../platform/fault.ts";
import { NO_USAGE, text } from "../protocol/messages.ts";
import type { Acceptance, TurnRequest, TypedCommand } from "../sessions/journal.ts";
import type { Session } from "../sessions/store.ts";
import { admit } from "./admit.ts";
import { INTERRUPTED } from "./chat/reply-text.ts";
import { deliver } from "./deliver.ts";
import { commandNamed, readCommand } from "./find-command.ts";
import type { QueuedTurn } from "./lanes.ts";
import type { InboundMessage } from "./message.ts";
import { openTurn, type Turn } from "./open-turn.ts";
import type { Dropped, Taken, TurnOutcome } from "./outcome.ts";
import { type Route, resolveRoute } from "./route.ts";
import { runTurn } from "./run.ts";
import type { TurnServices } from "./services.ts";

/**
 * The whole way of a message, in order: admit, route, accept (on disk), lane, run, deliver.
 * Returns as soon as the turn is on disk; `done` tells how it ended and never rejects.
 */
export function takeTurn(message: InboundMessage, services: TurnServices): Taken {
  const refusal = admit(message, services.gate());
  if (refusal) return dropped(message, refusal, services);

  const route = resolveRoute(message, services.agents());
  if (route.kind === "dropped") return dropped(message, route, services);

  services.failpoint("ingress.afterRead");
  const command = message.commands && readCommand(message.text, message.commands);
  const acceptance = acceptOnDisk(message, route, command, services);
  if (acceptance.kind === "dropped") return dropped(message, acceptance, services);
  if (acceptance.kind === "duplicate") return acceptance;

  if (command?.allowed && commandNamed(command.name)?.interrupts)
    services.lanes.abort(route.key.text, undefined, `ended by /${command.name}`);
  else if (message.queueMode === "interrupt" && !command)
    services.lanes.abort(route.key.text, undefined, INTERRUPTED);
  const { record, session } = acceptance;
  services.failpoint("ingress.afterCommit");
  const done = startTurn(message, route, session, services, { command });
  services.failpoint("ingress.beforeAck");
  return {
    kind: "accepted",
    runId: record.runId,
    sessionKey: session.key,
    sessionId: session.sessionId,
    agentId: session.agentId,
    acceptedAt: record.acceptedAt,
    done,
  };
}

/** What cannot be stored is not accepted: the sender keeps it and may send it again. */
function acceptOnDisk(
  message: InboundMessage,
  { key }: Route,
  command: TypedCommand | undefined,
  { journal, log }: TurnServices,
): Acceptance | Dropped {
  try {
    return journal.accept(message.runId, key, requestOf(message, command), message.onAccept);
  } catch (error) {
    if (!(error instanceof Fault) || error.exitCode !== 75) throw error;
    log.error("message not stored", { turnId: message.runId, sessionKey: key.text, step: "accept", error });
    return {
      kind: "dropped",
      reason: "storage-full",
      message: "the gateway's disk takes nothing more; the message was not stored",
    };
  }
}

/** The part behind acceptance; a restart enters here with turns it found on disk. */
export function startTurn(
  message: InboundMessage,
  route: Route,
  session: Session,
  services: TurnServices,
  { command, startWhen }: { command?: TypedCommand | undefined; startWhen?: Promise<void> | undefined } = {},
): Promise<TurnOutcome> {
  const turn = openTurn(message, route, session, services, command);
  services.log.debug("turn waits for its lane", {
    turnId: turn.runId,
    sessionKey: session.key,
    step: "lane",
  });
  const run = async (signal: AbortSignal) => deliver(turn, await runTurn(turn, signal, services), services);
  const atOnce = command && commandNamed(command.name)?.when === "at-once";
  const ended = atOnce
    ? // As in a lane: whoever sent it is told first that it was accepted.
      new Promise(setImmediate).then(() => run(new AbortController().signal))
    : services.lanes.enqueue({
        lane: session.key,
        runId: turn.runId,
        run,
        ...(startWhen && { startWhen }),
        ...(!command && joiningOf(turn, services)),
      });
  const done = ended.catch((error) => unsettled(turn, error, services));
  services.waits.track(turn.runId, done);
  void done.then(services.onEnd);
  services.onChange(session.key, { reason: "send", runId: turn.runId });
  return done;
}

/** The end itself could not be written (disk full, database gone): the caller hears it, the next start retries. */
function unsettled(turn: Turn, error: unknown, { clock, log }: TurnServices): TurnOutcome {
  log.error("turn could not be settled", {
    turnId: turn.runId,
    sessionKey: turn.session.key,
    step: "deliver",
    error,
  });
  const now = clock.now();
  const outcome: TurnOutcome = {
    kind: "failed",
    failure: "storage",
    error: "the reply could not be stored",
    runId: turn.runId,
    sessionKey: turn.session.key,
    sessionId: turn.session.sessionId,
    agentId: turn.session.agentId,
    startedAt: now,
    endedAt: now,
    provider: "",
    model: "",
    usage: NO_USAGE,
  };
  turn.stream.ended(outcome);
  return outcome;
}

/** How it may become part of another run instead of one of its own. */
function joiningOf(turn: Turn, services: TurnServices): Pick<QueuedTurn<TurnOutcome>, "merge" | "joins"> {
  const { queueMode } = turn.message;
  if (queueMode !== "steer" && queueMode !== "collect") return {};
  return { joins: queueMode, merge: (into) => mergeTurn(turn, into, services) };
}

function mergeTurn(turn: Turn, into: string, services: TurnServices): TurnOutcome {
  const stored = services.journal.merge(turn.runId, turn.session, into);
  if (stored) turn.stream.stored(stored);
  return { kind: "merged", runId: turn.runId, into };
}

function requestOf(message: InboundMessage, command: TypedCommand | undefined): TurnRequest {
  const said = saidBy(message, command);
  return {
    surface: message.surface,
    content: [...text(said), ...message.images],
    ...(command && { command }),
    ...(message.followUp?.length && { followUp: message.followUp }),
    resumable: message.resumable,
    ...(message.replyTo && { replyTo: message.replyTo }),
    ...(message.model && { model: message.model }),
    ...(message.thinking && { thinking: message.thinking }),
    ...(message.extraSystemPrompt && { extraSystemPrompt: message.extraSystemPrompt }),
    ...(message.temperature !== undefined && { temperature: message.temperature }),
    ...(message.maxTokens !== undefined && { maxTokens: message.maxTokens }),
  };
}

/** What enters the transcript: a message without its command, a command as it was typed. */
function saidBy({ text, commands }: InboundMessage, command: TypedCommand | undefined): string {
  if (!command) return text;
  return command.passesOn ? command.args : (commands?.typed ?? text);
}

/** Operators find every message that got no answer, with the reason. */
function dropped(message: InboundMessage, drop: Dropped, { log, onEnd }: TurnServices): Dropped {
  onEnd(drop);
  log.info(`message dropped (${drop.reason})`, {
    turnId: message.runId,
    sessionKey: message.sessionKey,
    step: "admit",
    outcome: "dropped",
    reason: drop.reason,
  });
  return drop;
}
