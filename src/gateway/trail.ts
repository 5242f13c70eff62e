import { type StoredMessage, textOf } from "../protocol/messages.ts";
import type { TurnRecord } from "../sessions/journal.ts";
import type { ModelCallRecord } from "../sessions/model-calls.ts";
import type { Session } from "../sessions/store.ts";
import { messagesOfRun, placeOfMessage } from "../sessions/trail.ts";
import { tailLog } from "./log-tail.ts";
import type { GatewayServices } from "./services.ts";

/** One step of a message's way, in the order of turn.ts. */
export interface TrailStep {
  /** Epoch milliseconds; absent where only the outcome is on record. */
  at?: number;
  step: "received" | "gate" | "queue" | "model" | "tool" | "result" | "receipt" | "outbox" | "log";
  outcome: string;
  /** For people. */
  text: string;
}

export interface Trail {
  runId: string;
  sessionKey: string;
  agentId?: string;
  state: string;
  steps: TrailStep[];
}

const LOG_BYTES = 2_000_000;
const MAX_LOG_LINES = 20;

/** Everything on record about a run, or about the run a message belongs to; undefined where there is nothing. */
export function trailOf(id: string, services: GatewayServices): Trail | undefined {
  const { store, journal, modelCalls } = services.turns;
  const message = placeOfMessage(store.database, id);
  const runId = message ? message.runId : id;
  if (message && runId === undefined) return injected(message, id, services);
  const record = journal.find(runId!);
  const calls = modelCalls.ofRun(runId!);
  const logged = logOf(runId!, services);
  const sessionKey = record?.sessionKey ?? calls[0]?.sessionKey ?? logged.sessionKey;
  const session = message
    ? store.findById(message.sessionId)
    : sessionKey
      ? store.find(sessionKey)
      : undefined;
  if (!record && calls.length === 0 && !message && logged.steps.length === 0) return undefined;

  const since = record?.acceptedAt ?? message?.at ?? calls[0]?.at ?? 0;
  const said = session ? messagesOfRun(store.database, session, runId!, since) : [];
  return {
    runId: runId!,
    sessionKey: session?.key ?? sessionKey ?? "",
    ...(session && { agentId: session.agentId }),
    state: record?.state ?? (logged.dropped ? "dropped" : "forgotten"),
    steps: [
      ...(record ? arrival(record, session) : []),
      ...inOrder([...calls.map(modelStep), ...said.flatMap(toolSteps)]),
      ...(record ? ending(record, said) : []),
      ...logged.steps,
    ],
  };
}

function arrival(
  { request, acceptedAt, startedAt, attempts, state, sessionKey }: TurnRecord,
  session?: Session,
): TrailStep[] {
  const images = request.content.filter(({ type }) => type === "image").length;
  const chars = textOf(request).length;
  const of = images > 0 ? `${chars} characters, ${images} image(s)` : `${chars} characters`;
  const wishes = [
    request.model && `model ${request.model}`,
    request.thinking && `thinking ${request.thinking}`,
  ];
  const wished = wishes.filter(Boolean).join(", ");
  const waited = startedAt === undefined ? undefined : startedAt - acceptedAt;
  return [
    {
      at: acceptedAt,
      step: "received",
      outcome: request.surface,
      text: of + (wished && `; wants ${wished}`),
    },
    {
      at: acceptedAt,
      step: "gate",
      outcome: "accepted",
      text: `on disk as a turn of ${sessionKey}${session ? `, agent ${session.agentId}` : ""}`,
    },
    {
      ...(startedAt !== undefined && { at: startedAt }),
      step: "queue",
      outcome: waited === undefined ? (state === "merged" ? "merged" : "waiting") : "began",
      text:
        waited === undefined
          ? "has not begun"
          : `waited ${waited} ms${attempts > 1 ? `; attempt ${attempts}, a restart came between` : ""}`,
    },
  ];
}

function modelStep({
  at,
  durationMs,
  provider,
  model,
  key,
  outcome,
  usage,
  cost,
  action,
  reason,
  message,
}: ModelCallRecord): TrailStep {
  const facts = [
    `${provider}/${model}${key > 1 ? ` (key ${key})` : ""}`,
    `${durationMs} ms`,
    usage && `${usage.input + usage.cacheRead + usage.cacheWrite} tokens in, ${usage.output} out`,
    cost !== undefined && `cost ${cost.toFixed(4)}`,
    message,
    action && `then ${action}: ${reason}`,
  ];
  return { at, step: "model", outcome, text: facts.filter(Boolean).join("; ") };
}

function toolSteps(message: StoredMessage): TrailStep[] {
  if (message.role === "toolResult") {
    const text = textOf(message);
    const [first = ""] = text.split("\n");
    const outcome = message.isError ? "failed" : "ok";
    const said = message.isError ? first.slice(0, 200) : `${text.length} characters`;
    return [{ at: message.timestamp, step: "tool", outcome, text: `${message.toolName} answered: ${said}` }];
  }
  return message.content.flatMap((block): TrailStep[] => {
    if (block.type !== "toolCall") return [];
    // Arguments may be anything a person typed; their names say what was asked without repeating it.
    const named = Object.keys(block.arguments).join(", ");
    return [{ at: message.timestamp, step: "tool", outcome: "called", text: `${block.name}(${named})` }];
  });
}

function ending(
  { state, startedAt, endedAt, reply, error }: TurnRecord,
  said: readonly StoredMessage[],
): TrailStep[] {
  if (endedAt === undefined) return [];
  const took = startedAt === undefined ? "" : ` after ${endedAt - startedAt} ms`;
  const result: TrailStep = {
    at: endedAt,
    step: "result",
    outcome: state,
    text:
      error ??
      (state === "merged"
        ? `answered together with run ${reply}`
        : `${(reply ?? "").length} characters${took}`),
  };
  const last = said.findLast(({ role }) => role === "assistant")?.__openclaw;
  if (!last) return [result];
  return [
    result,
    {
      at: endedAt,
      step: "receipt",
      outcome: "stored",
      text: `message ${last.id}, number ${last.seq}`,
    },
  ];
}

/** What nobody ran for: a message somebody put there. */
function injected(message: { sessionId: string; at: number }, id: string, { turns }: GatewayServices): Trail {
  const session = turns.store.findById(message.sessionId);
  return {
    runId: "",
    sessionKey: session?.key ?? "",
    ...(session && { agentId: session.agentId }),
    state: "injected",
    steps: [
      {
        at: message.at,
        step: "received",
        outcome: "injected",
        text: `message ${id} was put there without a run`,
      },
    ],
  };
}

/** Within a millisecond: what a tool found, the model that reads it, the tool that one asks for. */
function inOrder(steps: TrailStep[]): TrailStep[] {
  const rank = ({ step, outcome }: TrailStep) => (step === "model" ? 1 : outcome === "called" ? 2 : 0);
  return steps.sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || rank(a) - rank(b));
}

/** Warnings about the run, and why a message never became one: drops are told to the log alone. */
function logOf(
  runId: string,
  { sink }: GatewayServices,
): { steps: TrailStep[]; sessionKey?: string; dropped: boolean } {
  const steps: TrailStep[] = [];
  let sessionKey: string | undefined;
  let dropped = false;
  const mark = JSON.stringify(runId);
  sink.flush();
  for (const line of recentLines(sink.file())) {
    if (!line.includes(mark)) continue;
    const entry = parse(line);
    if (entry?.turnId !== runId) continue;
    sessionKey ??= typeof entry.sessionKey === "string" ? entry.sessionKey : undefined;
    const isDrop = entry.outcome === "dropped";
    const isTrouble = entry.level === "warn" || entry.level === "error";
    // What a model call came to is on record with its call.
    if (!isDrop && (!isTrouble || entry.step === "run")) continue;
    dropped ||= isDrop;
    const at = Date.parse(String(entry.time));
    steps.push({
      ...(Number.isFinite(at) && { at }),
      step: isDrop ? "gate" : "log",
      outcome: isDrop ? "dropped" : String(entry.level),
      text: String(entry.message ?? entry.msg ?? ""),
    });
  }
  return { steps: steps.slice(-MAX_LOG_LINES), ...(sessionKey !== undefined && { sessionKey }), dropped };
}

function recentLines(file: string): string[] {
  try {
    return tailLog({ file, cursor: undefined, limit: 100_000, maxBytes: LOG_BYTES }).lines;
  } catch {
    // A log that is not there says nothing.
    return [];
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
