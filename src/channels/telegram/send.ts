import type { ConnectInput, FormattedPart } from "../channel.ts";
import type { OutgoingMessage, SendResult } from "../outgoing.ts";
import type { TelegramSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";
import { visibleLength } from "./html.ts";
import type { KnownIds } from "./ids.ts";
import { type Envelope, MAX_CAPTION, uploadsFor } from "./media.ts";
import type { Moves } from "./moves.ts";
import { findLost } from "./reconcile.ts";
import { outcomeOf, refusalOf } from "./refusals.ts";

export interface SenderInput extends Pick<ConnectInput, "log"> {
  settings: TelegramSettings;
  api: BotApi;
  /** With deadlines for large bodies; opened with the first file. */
  uploads(): BotApi;
  ids: KnownIds;
  moves: Moves;
}

interface Target {
  chatId: string;
  messageId: string;
}

/** Telegram's largest upload. */
export const MAX_UPLOAD_BYTES = 50 * 1_024 * 1_024;
const MAX_HALF_SENT = 100;
/** The first topic of a forum is not to be named. */
const GENERAL_TOPIC = "1";

export function createSender({ settings, api, uploads, ids, moves, log }: SenderInput) {
  /** Files whose text did not follow yet: the next attempt sends the text alone. */
  const filesSent = new Map<string, number>();

  async function deliver(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const chatId = moves.now(message.chatId);
    ids.begin(message.clientId, chatId);
    const sent = await attempt({ ...message, chatId }, signal);
    if (sent.kind === "sent") ids.note(chatId, Number(sent.messageId), true);
    if (sent.kind === "sent" || sent.kind === "refused") ids.end(message.clientId);
    return sent;
  }

  async function attempt(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const { file, text } = message;
    if (!file) return sendText(message, signal);
    const asCaption = visibleLength(text) <= MAX_CAPTION;
    let fileId = filesSent.get(message.clientId);
    if (fileId === undefined) {
      const sent = await sendFile(message, file, asCaption, signal);
      if (sent.kind !== "sent" || asCaption) return sent;
      fileId = Number(sent.messageId);
      ids.note(message.chatId, fileId, true);
      filesSent.set(message.clientId, fileId);
      if (filesSent.size > MAX_HALF_SENT) filesSent.delete(filesSent.keys().next().value!);
    }
    const rest = await sendText(message, signal);
    if (rest.kind !== "sent") return rest;
    filesSent.delete(message.clientId);
    return rest;
  }

  function sendText(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const send = (envelope: Envelope, part: { text: string; parse_mode?: "HTML" }) =>
      api.calls.sendMessage(
        {
          ...envelope,
          ...part,
          ...(!settings.linkPreview && { link_preview_options: { is_disabled: true } }),
        },
        signal,
      );
    return bestEffort(message, (envelope, marked) =>
      send(envelope, marked ? { text: message.text, parse_mode: "HTML" } : { text: message.plain }),
    );
  }

  async function sendFile(
    message: OutgoingMessage,
    file: NonNullable<OutgoingMessage["file"]>,
    captioned: boolean,
    signal: AbortSignal,
  ): Promise<SendResult> {
    const ways = await uploadsFor(file, Math.min(MAX_UPLOAD_BYTES, settings.mediaMaxBytes), uploads());
    if (!Array.isArray(ways)) return ways;
    let result: SendResult | undefined;
    for (const upload of ways) {
      result = await bestEffort(message, (envelope, marked) =>
        upload(
          {
            ...envelope,
            ...(captioned &&
              message.text !== "" && {
                caption: marked ? message.text : message.plain,
                ...(marked && { parse_mode: "HTML" as const }),
              }),
          },
          signal,
        ),
      );
      // A picture Telegram cannot process still goes as the file it is.
      if (
        result.kind !== "refused" ||
        !/PHOTO_|IMAGE_|VOICE_|VIDEO_|wrong file|DIMENSIONS/i.test(result.message)
      )
        break;
    }
    return result!;
  }

  /** Gives up what Telegram does not take, one thing after the other: the markup, the topic, the chat's former id. */
  async function bestEffort(
    message: OutgoingMessage,
    call: (envelope: Envelope, marked: boolean) => Promise<{ message_id: number }>,
  ): Promise<SendResult> {
    const envelope = envelopeFor(message);
    let marked = message.text !== message.plain;
    for (let tries = 0; ; tries++) {
      try {
        return { kind: "sent", messageId: String((await call(envelope, marked)).message_id) };
      } catch (error) {
        const refusal = refusalOf(error);
        const movedTo = refusal?.parameters.migrate_to_chat_id;
        if (refusal?.error_code !== 400 || tries >= 3) return outcomeOf(error);
        if (movedTo !== undefined) {
          envelope.chat_id = String(movedTo);
          moves.note(message.chatId, envelope.chat_id);
        } else if (marked && /can't parse (caption )?entities/i.test(refusal.description)) {
          log.warn("Telegram could not read the markup; sent as plain text", { reason: refusal.description });
          marked = false;
        } else if (
          envelope.message_thread_id !== undefined &&
          /thread not found/i.test(refusal.description)
        ) {
          log.warn("the topic is gone; sent to the chat itself", { chat: message.chatId });
          delete envelope.message_thread_id;
        } else return outcomeOf(error);
      }
    }
  }

  function envelopeFor({ chatId, threadId, replyToId, silent }: OutgoingMessage): Envelope {
    const quoted = Number(replyToId);
    return {
      chat_id: chatId,
      ...(threadId !== undefined && threadId !== GENERAL_TOPIC && { message_thread_id: Number(threadId) }),
      ...(Number.isSafeInteger(quoted) &&
        quoted > 0 && { reply_parameters: { message_id: quoted, allow_sending_without_reply: true } }),
      ...(silent && { disable_notification: true }),
    };
  }

  async function edit(target: Target, part: FormattedPart, signal: AbortSignal): Promise<SendResult> {
    const to = { chat_id: moves.now(target.chatId), message_id: Number(target.messageId) };
    const sent = { kind: "sent" as const, messageId: target.messageId };
    const write = (text: string, parse_mode?: "HTML") =>
      api.calls.editMessageText({ ...to, text, ...(parse_mode && { parse_mode }) }, signal);
    try {
      await write(part.text, "HTML").catch((error: unknown) => {
        if (!/can't parse entities/i.test(refusalOf(error)?.description ?? "")) throw error;
        return write(part.plain);
      });
      return sent;
    } catch (error) {
      return /not modified/i.test(refusalOf(error)?.description ?? "") ? sent : outcomeOf(error);
    }
  }

  async function react(target: Target, emoji: string | undefined, signal: AbortSignal): Promise<SendResult> {
    const to = { chat_id: moves.now(target.chatId), message_id: Number(target.messageId) };
    // Which emojis there are is Telegram's to say; the type lists today's.
    const reaction = (emoji === undefined ? [] : [{ type: "emoji", emoji }]) as never;
    try {
      await api.calls.setMessageReaction({ ...to, reaction }, signal);
      return { kind: "sent", messageId: target.messageId };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  function typing(target: { chatId: string; threadId: string | undefined }, signal: AbortSignal): void {
    const { chatId, threadId } = target;
    const call = api.calls.sendChatAction(
      {
        chat_id: moves.now(chatId),
        action: "typing",
        ...(threadId !== undefined && { message_thread_id: Number(threadId) }),
      },
      signal,
    );
    call.catch((error: unknown) => log.debug("typing was not shown", { reason: (error as Error).message }));
  }

  return {
    deliver,
    edit,
    react,
    typing,
    reconcile: (message: OutgoingMessage, signal: AbortSignal) =>
      findLost(message, moves.now(message.chatId), { api, ids, signal }),
  };
}
