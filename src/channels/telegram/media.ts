import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { InputFile } from "grammy/web";
import type { OutgoingFile, SendResult } from "../outgoing.ts";
import type { BotApi } from "./api.ts";

/** Parameters every kind of message takes. */
export interface Envelope {
  chat_id: string;
  message_thread_id?: number;
  reply_parameters?: { message_id: number; allow_sending_without_reply: true };
  disable_notification?: true;
}

interface Caption {
  caption?: string;
  parse_mode?: "HTML";
}

/** Telegram's own limits; larger pictures go as files. */
const MAX_PHOTO_BYTES = 10 * 1_024 * 1_024;
export const MAX_CAPTION = 1_024;

export type Upload = (envelope: Envelope & Caption, signal: AbortSignal) => Promise<{ message_id: number }>;

/** How a file travels: as what it is, or as a document where Telegram would not take it so. */
export async function uploadsFor(
  file: OutgoingFile,
  maxBytes: number,
  { calls }: BotApi,
): Promise<Upload[] | Exclude<SendResult, { kind: "sent" }>> {
  const bytes = await stat(file.path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (bytes === undefined)
    return { kind: "refused", reason: "bad-content", message: `${file.name}: no such file` };
  if (bytes === 0) return { kind: "refused", reason: "bad-content", message: `${file.name} is empty` };
  if (bytes > maxBytes) {
    const message = `${file.name} has ${megabytes(bytes)} MB, and at most ${megabytes(maxBytes)} MB can be sent`;
    return { kind: "refused", reason: "too-large", message };
  }
  const input = () => new InputFile(pieces(file.path), safeName(file.name));
  const document: Upload = (envelope, signal) =>
    calls.sendDocument({ ...envelope, document: input() }, signal);
  const type = file.mimeType.toLowerCase();
  switch (file.kind) {
    case "image":
      if (type === "image/gif")
        return [
          (envelope, signal) => calls.sendAnimation({ ...envelope, animation: input() }, signal),
          document,
        ];
      if (bytes > MAX_PHOTO_BYTES || !/^image\/(jpeg|png|webp)$/.test(type)) return [document];
      return [(envelope, signal) => calls.sendPhoto({ ...envelope, photo: input() }, signal), document];
    case "voice":
      if (/^audio\/(ogg|opus|mpeg|mp4|x-m4a|m4a)/.test(type))
        return [(envelope, signal) => calls.sendVoice({ ...envelope, voice: input() }, signal), document];
      return [document];
    case "audio":
      if (/^audio\/(mpeg|mp4|x-m4a|m4a)/.test(type))
        return [(envelope, signal) => calls.sendAudio({ ...envelope, audio: input() }, signal), document];
      return [document];
    case "video":
      if (type === "video/mp4")
        return [(envelope, signal) => calls.sendVideo({ ...envelope, video: input() }, signal), document];
      return [document];
    case "file":
      return [document];
  }
}

/** Opened when it is sent; never all of it in memory. */
async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path)) yield piece as Buffer;
}

/** The name stands unquoted in the head of the part. */
const safeName = (name: string): string => name.replace(/[\r\n";\\]/g, "_").slice(-200) || "file";

const megabytes = (bytes: number): string => String(Math.round((bytes / 1_024 / 1_024) * 10) / 10);
