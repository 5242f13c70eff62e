import type { Update } from "grammy/types";
import { isRecord } from "../../protocol/frames.ts";
import { ChannelFault, type ConnectInput } from "../channel.ts";
import type { TelegramSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";
import { ALLOWED_UPDATES, endsInAlbum, type Receive } from "./receive.ts";
import { faultOf } from "./refusals.ts";

/** How long Telegram holds a poll when there is nothing new. */
export const POLL_SECONDS = 25;
/** What an answer may take on its way besides. */
export const GRACE_MS = 15_000;

const KEY = "offset";
const MAX_UPDATES = 100;
/** The pictures of an album come one by one; so long nothing follows, it is complete. */
const ALBUM_PAUSE_MS = 400;
const MAX_ALBUM_LOOKS = 5;
/** After a week without updates Telegram may begin to count anew, below an offset of old. */
const OFFSET_HOLDS_MS = 5 * 24 * 3_600_000;
/** A server that answers at once with nothing is not asked in a loop. */
const MAX_HASTY = 20;
const HASTY_PAUSE_MS = 1_000;

export interface PollInput
  extends Pick<ConnectInput, "clock" | "signal" | "onProof" | "recall" | "remember"> {
  settings: TelegramSettings;
  botId: number;
  api: BotApi;
  receive: Receive;
}

/** Polls until something fails. An offset is passed on only when everything below it is on disk. */
export async function poll(input: PollInput): Promise<ChannelFault> {
  const { settings, api, clock, signal, onProof, receive } = input;
  const offset = openOffset(input);
  let hasty = 0;
  // The first look does not wait, so that a connection is known to work as soon as it does.
  let seconds = 0;

  const ask = (timeout: number) =>
    api.calls.getUpdates(
      {
        offset: offset.next(),
        limit: MAX_UPDATES,
        timeout,
        allowed_updates: ALLOWED_UPDATES as unknown as (typeof ALLOWED_UPDATES)[number][],
      },
      signal,
    );

  /** Asked again from the same offset, the answer holds what it held and what has come since. */
  async function complete(first: Update[]): Promise<Update[]> {
    let updates = first;
    for (
      let looks = 0;
      endsInAlbum(updates) && updates.length < MAX_UPDATES && looks < MAX_ALBUM_LOOKS;
      looks++
    ) {
      await pause(ALBUM_PAUSE_MS, input);
      const more = await ask(0);
      onProof();
      if (more.length <= updates.length) break;
      updates = more;
    }
    return updates;
  }

  while (!signal.aborted) {
    let updates: Update[];
    try {
      const beganAt = clock.monotonic();
      const first = await ask(seconds);
      seconds = POLL_SECONDS;
      if (!Array.isArray(first)) throw new ChannelFault("protocol", "getUpdates: the answer is no list");
      onProof();
      updates = await complete(first);
      hasty = first.length === 0 && clock.monotonic() - beganAt < 100 ? hasty + 1 : 0;
      if (hasty > MAX_HASTY) await pause(HASTY_PAUSE_MS, input);
    } catch (error) {
      return error instanceof ChannelFault ? error : faultOf(error, "getUpdates", settings);
    }
    try {
      await receive(updates, offset.passed);
    } catch (cause) {
      const message = `a message could not be stored: ${(cause as Error).message}`;
      return new ChannelFault("protocol", message, { cause });
    } finally {
      offset.keep();
    }
  }
  return new ChannelFault("network", "the connection was closed");
}

function pause(ms: number, { clock, signal }: Pick<PollInput, "clock" | "signal">): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.after(ms, end);
    signal.addEventListener("abort", end, { once: true });
  });
}

function openOffset({ botId, clock, recall, remember }: PollInput) {
  const kept = read(recall(KEY), botId);
  let next = kept?.next ?? 0;
  let atMs = kept?.at ?? clock.now();
  let written = next;

  /** Of long ago an offset says nothing; what comes twice is told by its id. */
  const isOld = () => clock.now() - atMs >= OFFSET_HOLDS_MS;

  return {
    next: () => (isOld() ? 0 : next),
    passed(updateId: number) {
      next = isOld() ? updateId + 1 : Math.max(next, updateId + 1);
      atMs = clock.now();
    },
    /** Once for all updates of an answer: those in between are told by their ids when they come again. */
    keep() {
      if (next === written) return;
      remember(KEY, JSON.stringify({ bot: botId, next, at: atMs }));
      written = next;
    },
  };
}

/** An offset of another bot means nothing. */
function read(text: string | undefined, botId: number): { next: number; at: number } | undefined {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    if (!isRecord(kept) || kept.bot !== botId || !Number.isSafeInteger(kept.next)) return undefined;
    return { next: kept.next as number, at: Number(kept.at) || 0 };
  } catch {
    return undefined;
  }
}
