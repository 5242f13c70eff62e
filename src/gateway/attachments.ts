import * as v from "valibot";
import { GatewayError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { ContentBlock } from "../protocol/messages.ts";

const MAX_ATTACHMENTS = 16;

/** Images sent along with a message; `content` is base64. */
export const Attachments = v.optional(
  v.pipe(
    v.array(
      v.object({
        type: v.optional(v.string()),
        mimeType: v.string(),
        fileName: v.optional(v.string()),
        content: v.string(),
      }),
    ),
    v.maxLength(MAX_ATTACHMENTS),
  ),
  [],
);

type ImageBlock = Extract<ContentBlock, { type: "image" }>;

export function imagesOf(attachments: v.InferOutput<typeof Attachments>): ImageBlock[] {
  return attachments.map(({ mimeType, fileName, content }): ImageBlock => {
    const name = fileName ?? mimeType;
    if (!/^image\/(png|jpeg|gif|webp)$/.test(mimeType)) {
      throw new GatewayError(
        "INVALID_REQUEST",
        `attachment ${name}: this version takes png, jpeg, gif and webp images only`,
      );
    }
    if (content.length * 0.75 > LIMITS.imageBytes) {
      throw new GatewayError(
        "INVALID_REQUEST",
        `attachment ${name} is larger than ${LIMITS.imageBytes} bytes`,
      );
    }
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(content)) {
      throw new GatewayError("INVALID_REQUEST", `attachment ${name}: content is not base64`);
    }
    return { type: "image", mimeType, data: content };
  });
}
