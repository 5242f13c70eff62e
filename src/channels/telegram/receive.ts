import type { Update } from "grammy/types";
import type { ConnectInput } from "../channel.ts";
import type { TelegramSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";
import type { KnownIds } from "./ids.ts";
import { attachmentOf } from "./inbound-media.ts";
import type { Moves } from "./moves.ts";
import { type Read, readUpdate, type Said, type Self } from "./update.ts";

export interface ReceiverInput extends Pick<ConnectInput, "clock" | "log" | "signal" | "receive"> {
  settings: TelegramSettings;
  self: Self;
  api: BotApi;
  ids: KnownIds;
  moves: Moves;
}

/** What we ask Telegram for; edits are not among them. */
export const ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"] as const;

/** Hands updates in, in order; `done` after each whose fate is on disk. Rejects when one could not be stored. */
export type Receive = (updates: readonly Update[], done: (updateId: number) => void) => Promise<void>;

export function createReceiver(input: ReceiverInput): Receive {
  const { settings, self, api, ids, moves, log, clock, signal } = input;

  /** One update that nobody can read must not hold up the others (R28). */
  function read(update: Update): Read {
    try {
      return readUpdate(update, self);
    } catch (error) {
      log.error("an update could not be read and is passed over", { updateId: update.update_id, error });
      return { kind: "ignored", why: "unreadable" };
    }
  }

  async function take(said: Said): Promise<void> {
    const { files, album: _, ...message } = said;
    await input.receive({
      ...message,
      sentAtMs: message.sentAtMs || clock.now(),
      attachments: files.map((file) =>
        attachmentOf(file, {
          api,
          apiRoot: settings.apiRoot,
          token: settings.token,
          maxBytes: settings.mediaMaxBytes,
        }),
      ),
    });
  }

  /** Takes the wheel off the button; what the press led to is said in the chat. */
  function answer(callbackId: string): void {
    api.calls.answerCallbackQuery({ callback_query_id: callbackId }, signal).catch((error: Error) => {
      log.debug("a press was not answered", { reason: error.message });
    });
  }

  async function handle(found: Read): Promise<void> {
    switch (found.kind) {
      case "message":
        await take(found.said);
        break;
      case "membership":
        log.info(found.text);
        break;
      case "moved":
        moves.note(found.from, found.to);
        break;
      case "ignored":
        log.debug("update ignored", { reason: found.why });
        break;
    }
    if ("callbackId" in found && found.callbackId !== undefined) answer(found.callbackId);
  }

  return async (updates, done) => {
    for (let at = 0; at < updates.length; ) {
      const found = read(updates[at]!);
      note(updates[at]!);
      let next = at + 1;
      // What people send as one album arrives as a message for each picture.
      while (found.kind === "message" && found.said.album !== undefined && next < updates.length) {
        const more = read(updates[next]!);
        if (more.kind !== "message" || more.said.album !== found.said.album) break;
        found.said = joined(found.said, more.said);
        note(updates[next]!);
        next++;
      }
      await handle(found);
      done(updates[next - 1]!.update_id);
      at = next;
    }
  };

  function note({ message }: Update): void {
    if (message) ids.note(String(message.chat.id), message.message_id);
  }
}

/** Its id is the one of the first picture; the text may stand under any of them. */
function joined(first: Said, more: Said): Said {
  return {
    ...first,
    text: [first.text, more.text].filter((text) => text !== "").join("\n"),
    mentionsUs: first.mentionsUs || more.mentionsUs,
    files: [...first.files, ...more.files],
  };
}

/** Whether the last of these may be followed by more of the same album. */
export function endsInAlbum(updates: readonly Update[]): boolean {
  return updates.at(-1)?.message?.media_group_id !== undefined;
}
