import type { OutgoingMessage, SendResult } from "../outgoing.ts";
import type { BotApi } from "./api.ts";
import type { KnownIds } from "./ids.ts";
import { outcomeOf, refusalOf } from "./refusals.ts";

/** Ids in a row that nobody has, above all known ones: then there is none above. */
const MAX_MISSES = 8;
/** The lost message came right after the last one known; other chats of the bot may have come in between. */
const MAX_PROBES = 60;

type Found = "ours" | "theirs" | "none";

/**
 * Looks for a message whose answer got lost (CHAN-15): the first of our own above the ids that were known before, that
 * we do not know of. Nothing is changed by looking.
 */
export async function findLost(
  message: Pick<OutgoingMessage, "clientId">,
  chatId: string,
  { api, ids, signal }: { api: BotApi; ids: KnownIds; signal: AbortSignal },
): Promise<SendResult | { kind: "not-sent" }> {
  const floor = ids.floor(message.clientId);
  if (floor === undefined)
    return {
      kind: "unknown",
      message: "no earlier message of this chat is known, so it cannot be looked for",
    };
  let misses = 0;
  for (let id = floor + 1, probes = 0; probes < MAX_PROBES && misses < MAX_MISSES; id++) {
    if (ids.isOurs(chatId, id)) continue;
    probes++;
    let found: Found;
    try {
      found = await whose(chatId, id, api, signal);
    } catch (error) {
      const outcome = outcomeOf(error);
      return outcome.kind === "refused" ? outcome : { kind: "unknown", message: outcome.message };
    }
    if (found !== "none") ids.note(chatId, id, found === "ours" ? true : undefined);
    if (found === "ours") {
      ids.end(message.clientId);
      return { kind: "sent", messageId: String(id) };
    }
    if (found === "none" && id > (ids.last(chatId) ?? 0)) misses++;
    else misses = 0;
  }
  return { kind: "not-sent" };
}

/** Taking the buttons off a message that has none changes nothing, and the refusal tells whose it is. */
async function whose(chatId: string, id: number, api: BotApi, signal: AbortSignal): Promise<Found> {
  try {
    await api.calls.editMessageReplyMarkup({ chat_id: chatId, message_id: id }, signal);
    return "ours";
  } catch (error) {
    const description = refusalOf(error)?.error_code === 400 ? refusalOf(error)!.description : "";
    if (/not modified/i.test(description)) return "ours";
    if (/can't be edited/i.test(description)) return "theirs";
    if (/message to edit not found|MESSAGE_ID_INVALID/i.test(description)) return "none";
    throw error;
  }
}
