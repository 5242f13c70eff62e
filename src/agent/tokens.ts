import type { ContentBlock, TranscriptMessage } from "../protocol/messages.ts";
import type { ToolDescription } from "./tool.ts";

/** An image of the size clients send; services count by area. */
const IMAGE_TOKENS = 1_600;
const MESSAGE_TOKENS = 4;
const ASCII_PER_TOKEN = 3.5;
const TOKENS_PER_EXTRA_BYTE = 0.4;

/** An estimate on the safe side: prose, code and scripts of three bytes each come out at or above what is billed. */
export function tokensOf(text: string): number {
  const extraBytes = Buffer.byteLength(text) - text.length;
  return Math.ceil(text.length / ASCII_PER_TOKEN + extraBytes * TOKENS_PER_EXTRA_BYTE);
}

export function tokensOfMessage({ content }: Pick<TranscriptMessage, "content">): number {
  let sum = MESSAGE_TOKENS;
  for (const block of content) sum += tokensOfBlock(block);
  return sum;
}

export function tokensOfAll(messages: readonly TranscriptMessage[]): number {
  let sum = 0;
  for (const message of messages) sum += tokensOfMessage(message);
  return sum;
}

export function tokensOfTools(tools: readonly ToolDescription[]): number {
  let sum = 0;
  for (const { name, description, parameters } of tools)
    sum += tokensOf(name) + tokensOf(description) + tokensOf(JSON.stringify(parameters));
  return sum;
}

function tokensOfBlock(block: ContentBlock): number {
  switch (block.type) {
    case "text":
      return tokensOf(block.text);
    case "thinking":
      return tokensOf(block.thinking);
    case "toolCall":
      return tokensOf(block.name) + tokensOf(JSON.stringify(block.arguments));
    case "image":
      return IMAGE_TOKENS;
  }
}
