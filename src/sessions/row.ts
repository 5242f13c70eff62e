import type { SessionRow } from "../protocol/entities.ts";
import type { TurnGlance } from "./journal.ts";
import type { Session } from "./session.ts";

/** A session as clients list it; `lastTurn` and `activeRunIds` come from the journal and the lanes. */
export function sessionRow(
  session: Session,
  mainKey: string,
  lastTurn: TurnGlance | undefined,
  activeRunIds: string[],
): SessionRow {
  const { label, title, settings, pinnedAt, archivedAt, markedUnreadAt, lastReadAt, updatedAt } = session;
  const chosen = settings.model && splitRef(settings.model);
  return {
    key: session.key,
    kind: "direct",
    agentId: session.agentId,
    sessionId: session.sessionId,
    lifecycleRevision: String(session.revision),
    updatedAt,
    createdAt: session.createdAt,
    isMain: session.key === mainKey,
    chatType: "direct",
    ...(label && { label }),
    ...((label || title) && { displayName: label ?? title! }),
    ...(title && { derivedTitle: title }),
    ...(session.preview && { lastMessagePreview: session.preview }),
    ...(session.provider && { modelProvider: session.provider }),
    ...(session.model && { model: session.model }),
    ...(chosen && { ...chosen, modelOverrideSource: "user" as const }),
    ...shown(settings),
    inputTokens: session.inputTokens,
    outputTokens: session.outputTokens,
    totalTokens: session.inputTokens + session.outputTokens,
    ...(lastTurn && { status: STATUS[lastTurn.state], lastRunId: lastTurn.runId }),
    ...(lastTurn?.startedAt && { startedAt: lastTurn.startedAt }),
    ...(lastTurn?.endedAt && { endedAt: lastTurn.endedAt }),
    ...(lastTurn?.startedAt &&
      lastTurn.endedAt && { runtimeMs: Math.max(0, lastTurn.endedAt - lastTurn.startedAt) }),
    ...(lastTurn?.error && { lastRunError: lastTurn.error }),
    abortedLastRun: lastTurn?.state === "aborted",
    hasActiveRun: activeRunIds.length > 0,
    activeRunIds,
    archived: archivedAt !== undefined,
    ...(archivedAt !== undefined && { archivedAt }),
    pinned: pinnedAt !== undefined,
    ...(pinnedAt !== undefined && { pinnedAt }),
    unread: markedUnreadAt !== undefined || (lastReadAt !== undefined && updatedAt > lastReadAt),
    ...(markedUnreadAt !== undefined && { markedUnreadAt }),
    ...(lastReadAt !== undefined && { lastReadAt }),
    visibility: "shared",
    participants: [],
  };
}

function shown({ model: _, ...settings }: Session["settings"]): Omit<Session["settings"], "model"> {
  return settings;
}

function splitRef(ref: string): { modelProvider: string; model: string } {
  const slash = ref.indexOf("/");
  return { modelProvider: ref.slice(0, slash), model: ref.slice(slash + 1) };
}

const STATUS: Record<TurnGlance["state"], SessionRow["status"]> = {
  accepted: "queued",
  running: "running",
  ok: "done",
  merged: "done",
  error: "failed",
  aborted: "killed",
  interrupted: "killed",
};
