import { isRecord } from "../../protocol/frames.ts";
import type { ConnectInput } from "../channel.ts";

/**
 * Which message ids are known. Telegram has no call that lists messages; but ids only grow, so the message whose answer got
 * lost has an id above every one that was known before it was sent.
 */
export interface KnownIds {
  /** A message that is there; `ours` when its sending was answered. */
  note(chatId: string, messageId: number, ours?: true): void;
  /** Before the first attempt to send: what is known by now is kept on disk. Later attempts leave it as it is. */
  begin(clientId: string, chatId: string): void;
  /** The fate of that message is known. */
  end(clientId: string): void;
  /** The highest id known before the first attempt; undefined when there was none. */
  floor(clientId: string): number | undefined;
  /** The highest id known now. */
  last(chatId: string): number | undefined;
  isOurs(chatId: string, messageId: number): boolean;
}

const KEY = "messages";
const MAX_COUNTERS = 64;
const MAX_PENDING = 64;
const MAX_OWN = 500;

/** Direct chats and small groups of a bot are counted together, supergroups and channels each for themselves. */
export function counterOf(chatId: string): string {
  const id = Number(chatId);
  return id > -1_000_000_000_000 ? "account" : chatId;
}

export function openKnownIds({ recall, remember }: Pick<ConnectInput, "recall" | "remember">): KnownIds {
  const kept = read(recall(KEY));
  const last = new Map(Object.entries(kept.last));
  const floors = new Map(Object.entries(kept.floors));
  const own = new Set<string>();
  let written = "";

  /** The bounds hold by what was touched longest ago. */
  function put<T>(map: Map<string, T>, key: string, value: T, max: number): void {
    map.delete(key);
    map.set(key, value);
    if (map.size > max) map.delete(map.keys().next().value!);
  }

  return {
    note(chatId, messageId, ours) {
      const counter = counterOf(chatId);
      put(last, counter, Math.max(messageId, last.get(counter) ?? 0), MAX_COUNTERS);
      if (!ours) return;
      own.add(`${chatId}:${messageId}`);
      if (own.size > MAX_OWN) own.delete(own.values().next().value!);
    },
    begin(clientId, chatId) {
      if (!floors.has(clientId)) {
        const known = last.get(counterOf(chatId));
        if (known === undefined) return;
        put(floors, clientId, known, MAX_PENDING);
      }
      const text = JSON.stringify({ last: Object.fromEntries(last), floors: Object.fromEntries(floors) });
      if (text === written) return;
      remember(KEY, text);
      written = text;
    },
    end: (clientId) => void floors.delete(clientId),
    floor: (clientId) => floors.get(clientId),
    last: (chatId) => last.get(counterOf(chatId)),
    isOurs: (chatId, messageId) => own.has(`${chatId}:${messageId}`),
  };
}

/** What an older version kept, or nobody, is no reason to fail. */
function read(text: string | undefined): { last: Record<string, number>; floors: Record<string, number> } {
  try {
    const kept: unknown = JSON.parse(text ?? "{}");
    const numbers = (value: unknown) =>
      Object.fromEntries(
        Object.entries(isRecord(value) ? value : {}).filter((entry): entry is [string, number] =>
          Number.isSafeInteger(entry[1]),
        ),
      );
    return isRecord(kept)
      ? { last: numbers(kept.last), floors: numbers(kept.floors) }
      : { last: {}, floors: {} };
  } catch {
    return { last: {}, floors: {} };
  }
}
