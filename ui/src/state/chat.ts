import { batch, signal } from "@preact/signals";
import { ConnectionError, randomId } from "../../../src/protocol/client.ts";
import { isRecord } from "../../../src/protocol/frames.ts";
import type { StoredMessage } from "../../../src/protocol/messages.ts";
import { advance, type LiveRun, mergeMessages } from "../chat/transcript.ts";
import { call, listen, whenFresh } from "../connect/link.ts";
import { currentKey } from "./sessions.ts";

/** What was said here and is not in the transcript yet. */
export interface Outgoing {
  runId: string;
  text: string;
  /** Whether the gateway has it on disk; until then it is sent again after a reconnect, with the same id. */
  taken: boolean;
}

export interface Ending {
  runId: string;
  kind: "stopped" | "failed" | "silent";
  error?: string;
}

export interface Chat {
  key: string;
  loaded: boolean;
  messages: readonly StoredMessage[];
  olderCursor: string | undefined;
  outgoing: readonly Outgoing[];
  live: LiveRun | undefined;
  ending: Ending | undefined;
}

interface HistoryPage {
  sessionKey: string;
  messages: StoredMessage[];
  nextCursor?: string;
  inFlightRun?: { runId: string };
  sessionInfo?: { status?: string; lastRunId?: string; lastRunError?: string };
}

const PAGE = 60;

export const chat = signal<Chat>(empty(currentKey.value));
export const sendError = signal<string | undefined>(undefined);
/** For a screen reader: each reply once, whole. */
export const announced = signal("");

function empty(key: string): Chat {
  return {
    key,
    loaded: false,
    messages: [],
    olderCursor: undefined,
    outgoing: [],
    live: undefined,
    ending: undefined,
  };
}

function update(change: Partial<Chat>): void {
  chat.value = { ...chat.value, ...change };
}

currentKey.subscribe((key) => {
  if (key === chat.peek().key) return;
  chat.value = empty(key);
  sendError.value = undefined;
  void load().catch(() => {});
});

/** The newest page; what was scrolled to before stays. */
async function load(): Promise<void> {
  const { key } = chat.peek();
  const page = await call<HistoryPage>("chat.history", { sessionKey: key, limit: PAGE });
  if (chat.peek().key !== key) return;
  batch(() => {
    const { messages, olderCursor, live, outgoing, loaded, ending } = chat.peek();
    const isConnected =
      messages.length > 0 &&
      page.messages[0] !== undefined &&
      page.messages[0].__openclaw.seq <= messages.at(-1)!.__openclaw.seq + 1;
    const { inFlightRun, sessionInfo } = page;
    const stored = new Set(page.messages.map(({ __openclaw }) => __openclaw.runId));
    update({
      loaded: true,
      messages: isConnected ? mergeMessages(messages, page.messages) : page.messages,
      olderCursor: isConnected ? olderCursor : page.nextCursor,
      outgoing: outgoing.filter(({ runId, taken }) => !taken || !stored.has(runId)),
      live: inFlightRun
        ? live?.runId === inFlightRun.runId
          ? live
          : { runId: inFlightRun.runId, parts: [] }
        : undefined,
      ...(!loaded &&
        !ending &&
        sessionInfo?.status === "failed" && {
          ending: {
            runId: sessionInfo.lastRunId ?? "",
            kind: "failed",
            ...(sessionInfo.lastRunError && { error: sessionInfo.lastRunError }),
          },
        }),
    });
  });
}

export async function loadOlder(): Promise<void> {
  const { key, olderCursor } = chat.peek();
  if (olderCursor === undefined) return;
  const page = await call<HistoryPage>("chat.history", { sessionKey: key, limit: PAGE, cursor: olderCursor });
  if (chat.peek().key !== key) return;
  update({ messages: mergeMessages(page.messages, chat.peek().messages), olderCursor: page.nextCursor });
}

/** False: nothing was sent, and the words belong back into the composer. */
export async function send(text: string): Promise<boolean> {
  const runId = randomId();
  sendError.value = undefined;
  const before = chat.peek().outgoing;
  update({ outgoing: [...before, { runId, text, taken: false }], ending: undefined });
  return await hand(runId, text);
}

async function hand(runId: string, text: string): Promise<boolean> {
  const { key } = chat.peek();
  try {
    await call("chat.send", { sessionKey: key, message: text, idempotencyKey: runId });
    if (chat.peek().key === key)
      update({
        outgoing: chat
          .peek()
          .outgoing.map((each) => (each.runId === runId ? { ...each, taken: true } : each)),
      });
    return true;
  } catch (error) {
    // On its way when the line broke: perhaps it arrived. It is sent again under the same id, which never starts two.
    if (error instanceof ConnectionError && error.message !== "gateway not connected") return true;
    if (chat.peek().key !== key) return true;
    batch(() => {
      update({ outgoing: chat.peek().outgoing.filter((each) => each.runId !== runId) });
      sendError.value = error instanceof Error ? error.message : String(error);
    });
    return false;
  }
}

export async function stop(): Promise<void> {
  await call("chat.abort", { sessionKey: chat.peek().key });
}

whenFresh(() => {
  sendError.value = undefined;
  void load()
    .then(() =>
      Promise.all(
        chat
          .peek()
          .outgoing.filter(({ taken }) => !taken)
          .map(({ runId, text }) => hand(runId, text)),
      ),
    )
    .catch(() => {});
});

listen(({ event, payload }) => {
  if ((event !== "agent" && event !== "chat") || !isRecord(payload)) return;
  const { key, live, outgoing } = chat.peek();
  if (payload.sessionKey !== key || typeof payload.runId !== "string") return;
  const { runId } = payload;
  if (event === "chat") return onChat(runId, payload);
  // A run that waits for its turn is none yet.
  if (live?.runId !== runId && payload.stream === "lifecycle" && isRecord(payload.data)) {
    if (payload.data.phase !== "start") return;
    if (!outgoing.some((each) => each.runId === runId)) void load().catch(() => {});
    return update({ live: { runId, parts: [] }, ending: undefined });
  }
  const known = live?.runId === runId ? live : { runId, parts: [] };
  const next = advance(known, String(payload.stream), payload.data);
  if (next !== known) update({ live: next });
});

function onChat(runId: string, payload: Record<string, unknown>): void {
  const { state } = payload;
  if (state !== "final" && state !== "aborted" && state !== "error") return;
  const run = chat.peek().live;
  const said =
    run?.runId === runId
      ? run.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n")
      : "";
  const ending = endingOf(runId, state, payload, said);
  announced.value = [said, ending?.error ?? ""].join(" ").trim();
  if (ending) update({ ending });
  // What is on disk takes the place of what was seen on the way.
  void load().catch(() => {});
}

function endingOf(
  runId: string,
  state: "final" | "aborted" | "error",
  { errorMessage }: Record<string, unknown>,
  said: string,
): Ending | undefined {
  if (state === "aborted") return { runId, kind: "stopped" };
  if (state === "error") return { runId, kind: "failed", error: String(errorMessage ?? "") };
  return said.trim() === "" ? { runId, kind: "silent" } : undefined;
}
