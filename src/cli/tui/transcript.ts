import { type EventFrame, isRecord } from "../../protocol/frames.ts";
import { replyText } from "../reply-text.ts";

/** One block on the screen. Texts are safe to print: they come from models, tools and other people. */
export interface Entry {
  id: string;
  kind: "user" | "assistant" | "tool" | "note";
  text: string;
}

/** What has been said in one session, kept in step with the gateway's events. */
export interface Transcript {
  readonly entries: readonly Entry[];
  /** Runs that have begun and not ended. */
  readonly running: ReadonlySet<string>;
  /** What `chat.history` says takes the place of everything but the notes. */
  load(messages: readonly unknown[]): void;
  /** The message this terminal sends; the gateway's copy of it is not shown again. */
  sent(runId: string, text: string): void;
  /** A message that did not get through. */
  unsent(runId: string): void;
  note(text: string): void;
  /** True when something about this session has changed. */
  onEvent(event: EventFrame, sessionKey: string): boolean;
  clear(): void;
}

/** As much as one wants to scroll through; older ones are in the conversation, not here. */
const MAX_ENTRIES = 1_000;

export function openTranscript(): Transcript {
  let entries: Entry[] = [];
  const running = new Set<string>();
  let notes = 0;

  function put(kind: Entry["kind"], id: string, text: string): void {
    const known = entries.find((entry) => entry.id === id);
    if (known) known.text = replyText(text);
    else entries.push({ id, kind, text: replyText(text) });
    if (entries.length > MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES);
  }

  const note = (text: string) => put("note", `note:${++notes}`, text);

  function onAgent({ runId, stream, data }: Record<string, unknown>): boolean {
    if (typeof runId !== "string" || !isRecord(data)) return false;
    const { itemId, text, phase, title } = data;
    if (stream === "lifecycle" && phase === "start") {
      running.add(runId);
      return true;
    }
    if (stream === "assistant" && typeof itemId === "string" && typeof text === "string") {
      put("assistant", `${runId}:${itemId}`, text);
      return true;
    }
    if (stream === "item" && typeof itemId === "string" && typeof title === "string") {
      const failed = phase === "end" && data.status === "failed";
      put("tool", `${runId}:${itemId}`, failed ? `${title} — failed` : title);
      return true;
    }
    return false;
  }

  function onChat({ runId, state, message, errorMessage }: Record<string, unknown>): boolean {
    if (typeof runId !== "string") return false;
    if (state === "final") {
      running.delete(runId);
      const shown = entries.some(({ id, kind }) => kind === "assistant" && id.startsWith(`${runId}:`));
      if (!shown && textIn(message) !== "") put("assistant", `${runId}:final`, textIn(message));
      return true;
    }
    if (state === "aborted" || state === "error") {
      running.delete(runId);
      note(state === "aborted" ? "stopped" : `run failed: ${String(errorMessage ?? "no reason given")}`);
      return true;
    }
    return false;
  }

  /** What somebody else has said in this session. */
  function onMessage({ message }: Record<string, unknown>): boolean {
    if (!isRecord(message) || message.role !== "user") return false;
    const id = idOf(message);
    if (id === undefined || entries.some((entry) => entry.id === id)) return false;
    put("user", id, textIn(message));
    return true;
  }

  return {
    get entries() {
      return entries;
    },
    running,
    load(messages) {
      const kept = entries.filter(({ kind }) => kind === "note");
      entries = [];
      running.clear();
      messages.forEach((message, at) => {
        if (!isRecord(message) || (message.role !== "user" && message.role !== "assistant")) return;
        const id = idOf(message) ?? `history:${at}`;
        const text = textIn(message);
        if (text !== "") put(message.role, id, text);
        for (const [nth, name] of toolCallsIn(message).entries()) put("tool", `${id}:${nth}`, name);
      });
      entries.push(...kept);
    },
    sent: (runId, text) => put("user", `${runId}:user`, text),
    unsent(runId) {
      entries = entries.filter(({ id }) => id !== `${runId}:user`);
    },
    note,
    onEvent({ event, payload }, sessionKey) {
      if (!isRecord(payload) || payload.sessionKey !== sessionKey) return false;
      if (event === "agent") return onAgent(payload);
      if (event === "chat") return onChat(payload);
      return event === "session.message" && onMessage(payload);
    },
    clear() {
      entries = [];
    },
  };
}

/** User messages carry the key they were sent with: `<runId>:user`. */
function idOf(message: Record<string, unknown>): string | undefined {
  if (typeof message.idempotencyKey === "string") return message.idempotencyKey;
  const { __openclaw } = message;
  return isRecord(__openclaw) && typeof __openclaw.id === "string" ? __openclaw.id : undefined;
}

function blocksOf(message: unknown): Record<string, unknown>[] {
  return isRecord(message) && Array.isArray(message.content) ? message.content.filter(isRecord) : [];
}

function textIn(message: unknown): string {
  return blocksOf(message)
    .flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []))
    .join("\n\n");
}

function toolCallsIn(message: unknown): string[] {
  return blocksOf(message).flatMap(({ type, name }) =>
    type === "toolCall" && typeof name === "string" ? [name] : [],
  );
}
