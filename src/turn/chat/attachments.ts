import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { extname, join } from "node:path";
import type { InboundAttachment } from "../../channels/inbound.ts";
import { writeFileAtomic } from "../../platform/files.ts";
import type { ContentBlock } from "../../protocol/messages.ts";
import { shortName } from "./untrusted.ts";

export interface TakenAttachments {
  images: Extract<ContentBlock, { type: "image" }>[];
  /** One line each, for the model. */
  notes: string[];
}

/** What models read as a picture; everything else is a file in the workspace. */
const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const MAX_IMAGE_BYTES = 5_242_880;
const MAX_ATTACHMENTS = 10;
const FOLDER = "inbox";

/** Downloads what came with an admitted message. What cannot be had costs the attachment, not the message. */
export async function takeAttachments(
  attachments: readonly InboundAttachment[],
  { workspace, maxBytes, signal }: { workspace: string; maxBytes: number; signal: AbortSignal },
): Promise<TakenAttachments> {
  const taken: TakenAttachments = { images: [], notes: [] };
  for (const [index, attachment] of attachments.entries()) {
    const name = shortName(attachment.name) ?? `${attachment.kind} ${index + 1}`;
    if (index >= MAX_ATTACHMENTS) {
      taken.notes.push(`${attachments.length - index} more were not read`);
      break;
    }
    try {
      const { data, mimeType } = await attachment.download(maxBytes, signal);
      if (IMAGE_TYPES.has(mimeType) && data.length <= MAX_IMAGE_BYTES) {
        taken.images.push({ type: "image", data: data.toString("base64"), mimeType });
        continue;
      }
      // The sender chooses neither folder nor name.
      const file = join(FOLDER, `${randomUUID()}${safeExtension(attachment.name)}`);
      mkdirSync(join(workspace, FOLDER), { recursive: true, mode: 0o700 });
      writeFileAtomic(join(workspace, file), data);
      taken.notes.push(
        `${attachment.kind} "${name}" (${mimeType}, ${data.length} bytes) is the file ${file}`,
      );
    } catch (error) {
      signal.throwIfAborted();
      taken.notes.push(`${attachment.kind} "${name}" could not be read: ${(error as Error).message}`);
    }
  }
  return taken;
}

function safeExtension(name: string | undefined): string {
  const extension = extname(name ?? "").toLowerCase();
  return /^\.[a-z0-9]{1,8}$/.test(extension) ? extension : "";
}
