import { batch, signal } from "@preact/signals";
import { ConnectionError, randomId } from "../../../src/protocol/client.ts";
import { isRecord } from "../../../src/protocol/frames.ts";
import { type Attachment, withFiles } from "../chat/attach.ts";
import { advance } from "../chat/transcript.ts";
import { call, listen, whenFresh } from "../connect/link.ts";
import {
  chat,
  drawGathered,
  type Ending,
  forgetGathered,
  gather,
  load,
  loadNewest,
  type Outgoing,
  type QueueMode,
  update,
} from "./conversation.ts";
import { currentKey } from "./sessions.ts";

export const sendError = signal<string | undefined>(undefined);
/** For a screen reader: each reply once, whole. */
export const announced = signal("");

currentKey.subscribe(() => {
  sendError.value = undefined;
});

/** False: nothing was sent, and the words belong back into the composer. */
export async function send(
  words: string,
  attachments: readonly Attachment[] = [],
  queueMode: QueueMode = "followup",
): Promise<boolean> {
  const images = attachments.flatMap((each) => (each.kind === "image" ? [each] : []));
  const message: Outgoing = {
    runId: randomId(),
    text: withFiles(words, attachments),
    images: images.map(({ mimeType, data }) => ({ mimeType, data })),
    queueMode,
    taken: false,
  };
  sendError.value = undefined;
  await loadNewest().catch(() => {});
  update({ outgoing: [...chat.peek().outgoing, message], ending: undefined });
  return await hand(message);
}

async function hand({ runId, text, images, queueMode }: Outgoing): Promise<boolean> {
  const { key } = chat.peek();
  try {
    await call("chat.send", {
      sessionKey: key,
      message: text,
      idempotencyKey: runId,
      ...(queueMode !== "followup" && { queueMode }),
      ...(images.length > 0 && {
        attachments: images.map(({ mimeType, data }) => ({ type: "image", mimeType, content: data })),
      }),
    });
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

/** One message that waits, or all that goes on here. */
export async function stop(runId?: string): Promise<void> {
  await call("chat.abort", { sessionKey: chat.peek().key, ...(runId && { runId }) });
  if (runId) update({ waiting: chat.peek().waiting.filter((each) => each.runId !== runId) });
}

whenFresh(() => {
  sendError.value = undefined;
  void load()
    .then(() =>
      Promise.all(
        chat
          .peek()
          .outgoing.filter(({ taken }) => !taken)
          .map(hand),
      ),
    )
    .catch(() => {});
});

listen(({ event, payload }) => {
  if ((event !== "agent" && event !== "chat") || !isRecord(payload)) return;
  const { key, live, outgoing, waiting } = chat.peek();
  if (payload.sessionKey !== key || typeof payload.runId !== "string") return;
  const { runId } = payload;
  if (event === "chat") return onChat(runId, payload);
  // A run that waits for its turn is none yet.
  if (live?.runId !== runId && payload.stream === "lifecycle" && isRecord(payload.data)) {
    if (payload.data.phase !== "start") return;
    forgetGathered();
    if (!outgoing.some((each) => each.runId === runId)) void load().catch(() => {});
    return update({
      live: { runId, parts: [] },
      ending: undefined,
      waiting: waiting.filter((each) => each.runId !== runId),
    });
  }
  gather((seen) => {
    const known = seen?.runId === runId ? seen : { runId, parts: [] };
    const next = advance(known, String(payload.stream), payload.data);
    return next === known ? undefined : next;
  });
});

function onChat(runId: string, payload: Record<string, unknown>): void {
  const { state } = payload;
  if (state !== "final" && state !== "aborted" && state !== "error") return;
  drawGathered();
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
