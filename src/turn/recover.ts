import { textOf } from "../protocol/messages.ts";
import type { TurnRecord } from "../sessions/journal.ts";
import { parseSessionKey } from "../sessions/keys.ts";
import { interruptedNotice } from "./interrupted-notice.ts";
import type { InboundMessage, Surface } from "./message.ts";
import type { TurnOutcome } from "./outcome.ts";
import type { TurnServices } from "./services.ts";
import { startTurn } from "./turn.ts";

/** A turn that was tried this often and never ended is set aside: it may be what brings the process down. */
const MAX_ATTEMPTS = 3;

export type Recovery = { kind: "resume" } | { kind: "interrupt"; reason: string };

/** Pure: whether a turn that an earlier process left open may run again. */
export function decideRecovery(record: TurnRecord): Recovery {
  if (!record.request.resumable) return { kind: "interrupt", reason: "whoever asked is no longer connected" };
  if (record.effects) return { kind: "interrupt", reason: "a tool had already changed something" };
  if (record.attempts >= MAX_ATTEMPTS)
    return { kind: "interrupt", reason: `it was tried ${record.attempts} times` };
  return { kind: "resume" };
}

export interface Recovered {
  resumed: number;
  /** Of these: they were cut off more than once, and wait for safe mode to end. */
  parked: number;
  interrupted: number;
}

/** Alone for so long, and the process still lives: this turn is not what brings it down. */
const PROBATION_MS = 10_000;

/**
 * At boot: runs again what may be repeated and marks the rest interrupted, visibly in its transcript. A turn that was
 * cut off more than once runs while no other such turn does, so that the next crash is charged to it alone. With
 * `safeModeOver` it waits for that first, and those that were cut off once run one after the other.
 */
export function recoverTurns(services: TurnServices, safeModeOver?: Promise<void>): Recovered {
  const counts: Recovered = { resumed: 0, parked: 0, interrupted: 0 };
  const next = { once: Promise.resolve(), often: safeModeOver ?? Promise.resolve() };
  for (const record of services.journal.unfinished()) {
    const recovery = decideRecovery(record);
    const suspicion = suspicionOf(record, safeModeOver !== undefined);
    const done =
      recovery.kind === "resume" && resume(record, services, suspicion ? next[suspicion] : undefined);
    if (!done) {
      interrupt(record, recovery.kind === "interrupt" ? recovery.reason : "its agent is gone", services);
      counts.interrupted++;
      continue;
    }
    counts.resumed++;
    if (safeModeOver && suspicion === "often") counts.parked++;
    if (suspicion) next[suspicion] = next[suspicion].then(() => settledWithin(done, services));
  }
  return counts;
}

/** Who ran when the process ended may be the reason; who waited is not. */
function suspicionOf({ state, attempts }: TurnRecord, safeMode: boolean): "once" | "often" | undefined {
  if (state !== "running") return undefined;
  if (attempts > 1) return "often";
  return safeMode ? "once" : undefined;
}

function settledWithin(done: Promise<unknown>, { clock }: TurnServices): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(PROBATION_MS, resolve);
  void done.finally(resolve);
  return promise.finally(() => timer[Symbol.dispose]());
}

function resume(
  record: TurnRecord,
  services: TurnServices,
  startWhen: Promise<void> | undefined,
): Promise<TurnOutcome> | undefined {
  const session = services.store.find(record.sessionKey);
  const agent = services.agents().find((candidate) => candidate.id === session?.agentId);
  const key = parseSessionKey(record.sessionKey, "main");
  if (!session || !agent || !key) return undefined;
  services.log.info("turn resumed after restart", {
    turnId: record.runId,
    sessionKey: record.sessionKey,
    step: "recover",
  });
  return startTurn(messageOf(record), { kind: "routed", key, agent }, session, services, {
    command: record.request.command,
    startWhen,
  });
}

function interrupt(record: TurnRecord, reason: string, { journal, store, clock, log }: TurnServices): void {
  const { runId, sessionKey, attempts } = record;
  log.warn("turn interrupted by restart", {
    turnId: runId,
    sessionKey,
    step: "recover",
    outcome: "interrupted",
    reason,
  });
  const session = store.find(sessionKey);
  if (session) {
    if (attempts === 0) journal.begin(runId, session);
    store.append(session, interruptedNotice(reason, clock.now()), runId);
  }
  journal.finish(runId, "interrupted", { error: `interrupted by a restart: ${reason}` });
}

function messageOf({ runId, sessionKey, request }: TurnRecord): InboundMessage {
  return {
    surface: request.surface as Surface,
    runId,
    sessionKey,
    agentId: undefined,
    text: textOf(request),
    images: request.content.filter((block) => block.type === "image"),
    queueMode: "followup",
    model: request.model,
    thinking: request.thinking,
    extraSystemPrompt: request.extraSystemPrompt,
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { maxTokens: request.maxTokens }),
    originConnId: undefined,
    resumable: request.resumable,
  };
}
