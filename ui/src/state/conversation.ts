import { batch, signal } from "@preact/signals";
import type { StoredMessage } from "../../../src/protocol/messages.ts";
import { type LiveRun, mergeMessages, type Picture } from "../chat/transcript.ts";
import { call } from "../connect/link.ts";
import { currentKey } from "./sessions.ts";

/** How a message gets to an agent that is at work. */
export type QueueMode = "followup" | "steer" | "interrupt";

/** What was said here and is not in the transcript yet. */
export interface Outgoing {
  runId: string;
  text: string;
  images: readonly Picture[];
  queueMode: QueueMode;
  /** Whether the gateway has it on disk; until then it is sent again after a reconnect, with the same id. */
  taken: boolean;
}

/** Said elsewhere, or before this page was loaded, and waiting for its turn. */
export interface Waiting {
  runId: string;
  text: string;
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
  /** Newer messages were let go, so that a long way back does not fill the memory. */
  isBehind: boolean;
  outgoing: readonly Outgoing[];
  waiting: readonly Waiting[];
  live: LiveRun | undefined;
  ending: Ending | undefined;
}

interface HistoryPage {
  sessionKey: string;
  messages: StoredMessage[];
  nextCursor?: string;
  pendingInputs: { items: Waiting[] };
  inFlightRun?: { runId: string };
  sessionInfo?: { status?: string; lastRunId?: string; lastRunError?: string };
}

const PAGE = 100;
/** More than anybody sees at once, and few enough to stay quick. */
const MAX_KEPT = 600;
/** What arrives within it is drawn in one go. */
const GATHER_MS = 40;

export const chat = signal<Chat>(empty(currentKey.value));
function empty(key: string): Chat {
  return {
    key,
    loaded: false,
    messages: [],
    olderCursor: undefined,
    isBehind: false,
    outgoing: [],
    waiting: [],
    live: undefined,
    ending: undefined,
  };
}

export function update(change: Partial<Chat>): void {
  chat.value = { ...chat.value, ...change };
}

currentKey.subscribe((key) => {
  if (key === chat.peek().key) return;
  forgetGathered();
  chat.value = empty(key);
  void load().catch(() => {});
});

/** The newest page; what was scrolled to before stays. */
export async function load(): Promise<void> {
  const { key } = chat.peek();
  const page = await call<HistoryPage>("chat.history", { sessionKey: key, limit: PAGE });
  if (chat.peek().key !== key) return;
  drawGathered();
  batch(() => {
    const { messages, olderCursor, live, outgoing, loaded, ending, isBehind } = chat.peek();
    const isConnected =
      messages.length > 0 &&
      page.messages[0] !== undefined &&
      page.messages[0].__openclaw.seq <= messages.at(-1)!.__openclaw.seq + 1;
    const { inFlightRun, sessionInfo } = page;
    const stored = new Set(page.messages.map(({ __openclaw }) => __openclaw.runId));
    const ours = new Set(outgoing.map(({ runId }) => runId));
    // Who reads what was said long ago is left there.
    const seen = isBehind && !isConnected;
    update({
      loaded: true,
      ...(!seen && {
        messages: isConnected ? mergeMessages(messages, page.messages) : page.messages,
        olderCursor: isConnected ? olderCursor : page.nextCursor,
        isBehind: false,
      }),
      outgoing: outgoing.filter(({ runId, taken }) => !taken || !stored.has(runId)),
      waiting: page.pendingInputs.items.filter(
        ({ runId }) => !ours.has(runId) && !stored.has(runId) && runId !== inFlightRun?.runId,
      ),
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

let paging: Promise<void> | undefined;

/** One page further back. */
export function loadOlder(): Promise<void> {
  paging ??= older().finally(() => {
    paging = undefined;
  });
  return paging;
}

async function older(): Promise<void> {
  const { key, olderCursor } = chat.peek();
  if (olderCursor === undefined) return;
  const page = await pageBefore(key, olderCursor);
  if (chat.peek().key !== key) return;
  const messages = mergeMessages(page.messages, chat.peek().messages);
  update({
    messages: messages.slice(0, MAX_KEPT),
    olderCursor: page.nextCursor,
    ...(messages.length > MAX_KEPT && { isBehind: true }),
  });
}

/** One page further towards the end, after a long way back. */
export function loadNewer(): Promise<void> {
  paging ??= newer().finally(() => {
    paging = undefined;
  });
  return paging;
}

async function newer(): Promise<void> {
  const { key, messages, isBehind } = chat.peek();
  if (!isBehind) return;
  const last = messages.at(-1)!.__openclaw.seq;
  const page = await pageBefore(key, `seq:${last + PAGE + 1}`);
  if (chat.peek().key !== key) return;
  const kept = mergeMessages(messages, page.messages).slice(-MAX_KEPT);
  const [first, end] = [kept[0]!.__openclaw.seq, kept.at(-1)!.__openclaw.seq];
  update({
    messages: kept,
    ...(first > messages[0]!.__openclaw.seq && { olderCursor: `seq:${first}` }),
    isBehind: end >= last + PAGE,
  });
  if (!chat.peek().isBehind) await load();
}

function pageBefore(sessionKey: string, cursor: string): Promise<HistoryPage> {
  return call<HistoryPage>("chat.history", { sessionKey, limit: PAGE, cursor });
}

/** From wherever one reads to what was said last. */
export async function loadNewest(): Promise<void> {
  if (!chat.peek().isBehind) return;
  update({ messages: [], isBehind: false });
  await load();
}

/** The run with all that has come, also what is not drawn yet. */
let gathered: LiveRun | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export function forgetGathered(): void {
  clearTimeout(timer);
  timer = undefined;
  gathered = undefined;
}

export function drawGathered(): void {
  const live = gathered;
  forgetGathered();
  if (live) update({ live });
}

/** What came is drawn in a moment, with what comes until then. */
export function gather(advance: (live: LiveRun | undefined) => LiveRun | undefined): void {
  const next = advance(gathered ?? chat.peek().live);
  if (next === undefined) return;
  gathered = next;
  timer ??= setTimeout(drawGathered, GATHER_MS);
}
