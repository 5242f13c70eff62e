import type { Message } from "grammy/types";
import type { InboundAttachment } from "../inbound.ts";
import type { BotApi } from "./api.ts";

/** A file of a message, by Telegram's id. */
export interface MediaFile {
  kind: InboundAttachment["kind"];
  fileId: string;
  name?: string;
  mimeType?: string;
  bytes: number;
}

/** More than Telegram gives to bots. */
export const MAX_DOWNLOAD_BYTES = 20 * 1_024 * 1_024;

interface Uploaded {
  file_id: string;
  file_size?: number;
  file_name?: string;
  mime_type?: string;
}

export function findMedia(message: Message): MediaFile[] {
  const { photo, animation, document, audio, voice, video, video_note, sticker } = message;
  const file = (kind: MediaFile["kind"], of: Uploaded, mimeType?: string): MediaFile => {
    const mime = of.mime_type ?? mimeType;
    return {
      kind,
      fileId: of.file_id,
      bytes: of.file_size ?? 0,
      ...(of.file_name !== undefined && { name: of.file_name }),
      ...(mime !== undefined && { mimeType: mime }),
    };
  };
  // The same picture in several sizes; the last one is the largest.
  const largest = photo?.at(-1);
  return [
    ...(largest ? [file("image", largest, "image/jpeg")] : []),
    // An animation comes as a document as well.
    ...(animation
      ? [file("video", animation, "video/mp4")]
      : document
        ? [file(kindOf(document), document)]
        : []),
    ...(audio ? [file("audio", audio, "audio/mpeg")] : []),
    ...(voice ? [file("audio", voice, "audio/ogg")] : []),
    ...(video ? [file("video", video, "video/mp4")] : []),
    ...(video_note ? [file("video", video_note, "video/mp4")] : []),
    ...(sticker && !sticker.is_animated && !sticker.is_video ? [file("image", sticker, "image/webp")] : []),
  ];
}

function kindOf({ mime_type = "" }: Uploaded): MediaFile["kind"] {
  const [major] = mime_type.split("/");
  return major === "image" || major === "audio" || major === "video" ? major : "file";
}

const DEADLINES = { connectMs: 10_000, firstByteMs: 30_000, idleMs: 20_000, totalMs: 300_000 };

/** Downloads happen when the message has been let in, and then only within the caps. */
export function attachmentOf(
  file: MediaFile,
  { api, apiRoot, token, maxBytes: cap }: { api: BotApi; apiRoot: string; token: string; maxBytes: number },
): InboundAttachment {
  const { fileId, ...shown } = file;
  return {
    ...shown,
    async download(maxBytes, signal) {
      const most = Math.min(maxBytes, cap, MAX_DOWNLOAD_BYTES);
      const tooLarge = () =>
        new Error(`${file.name ?? `the ${file.kind}`} is larger than ${Math.floor(most / 1_024 / 1_024)} MB`);
      if (file.bytes > most) throw tooLarge();
      const { file_path: path } = await api.calls.getFile({ file_id: fileId }, signal);
      if (path === undefined) throw new Error("Telegram has no such file any more");
      // Encoded piece by piece: what the platform says is a path, not a piece of an address.
      const place = path.split("/").map(encodeURIComponent).join("/");
      const response = await api.outbound.request({
        url: `${apiRoot}/file/bot${token}/${place}`,
        signal,
        deadlines: DEADLINES,
      });
      if (response.status !== 200) {
        response.discard();
        throw new Error(`Telegram answered ${response.status} instead of the file`);
      }
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of response.body) {
        bytes += piece.length;
        if (bytes > most) throw tooLarge();
        pieces.push(piece);
      }
      return { data: Buffer.concat(pieces), mimeType: file.mimeType ?? "application/octet-stream" };
    },
  };
}
