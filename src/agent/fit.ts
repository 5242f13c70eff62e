import { type ContentBlock, type TranscriptMessage, text } from "../protocol/messages.ts";
import { tokensOfAll, tokensOfMessage } from "./tokens.ts";
import { capMiddle } from "./tool-output.ts";

/** The newest replies with their tool results stay as they are. */
const KEPT_REPLIES = 3;
const OLD_OUTPUT_BYTES = 2_000;
const SMALLEST_BYTES = 400;

export const CUT_NOTICE =
  "[Earlier messages of this conversation are left out here: they do not fit into the model's context.]";

/**
 * Gentle ways to make a conversation shorter, one after the other until it fits: old tool outputs are cut in the middle,
 * then the oldest tool calls go together with their results. Pure; what fits comes back as it is. `messages` are as
 * `forModel` makes them, and so is the result.
 */
export function trimTools(
  messages: readonly TranscriptMessage[],
  room: number,
): readonly TranscriptMessage[] {
  if (tokensOfAll(messages) <= room) return messages;
  const recent = startOfRecent(messages);
  const shorter = messages.map((message, index) =>
    index < recent ? withShortOutput(message, OLD_OUTPUT_BYTES) : message,
  );
  return dropPairs(shorter, recent, tokensOfAll(shorter) - room);
}

/**
 * The last resort: whole messages go, the oldest first, down to the question that is being answered; where that alone is
 * too much, its texts are cut in the middle.
 */
export function hardCut(messages: readonly TranscriptMessage[], room: number): readonly TranscriptMessage[] {
  let excess = tokensOfAll(messages) - room;
  if (excess <= 0) return messages;
  const last = messages.findLastIndex(({ role }) => role === "user");
  let from = 0;
  while (from < last && (excess > 0 || messages[from]!.role !== "user"))
    excess -= tokensOfMessage(messages[from++]!);
  const kept = messages
    .slice(Math.max(from, 0))
    .map((message, index) => (index === 0 ? withLead(message, CUT_NOTICE) : message));
  return shortenTexts(kept, room);
}

/** Puts a text of ours before what a person said, in the same message: some services want roles to alternate. */
export function withLead(message: TranscriptMessage, lead: string): TranscriptMessage {
  return { ...message, content: [...text(`${lead}\n\n`), ...message.content] };
}

function startOfRecent(messages: readonly TranscriptMessage[]): number {
  let replies = 0;
  for (let index = messages.length - 1; index >= 0; index--) {
    if (messages[index]!.role === "assistant" && ++replies === KEPT_REPLIES) return index;
  }
  return 0;
}

function dropPairs(
  messages: readonly TranscriptMessage[],
  recent: number,
  tooMuch: number,
): readonly TranscriptMessage[] {
  let excess = tooMuch;
  const out: TranscriptMessage[] = [];
  let dropping = false;
  for (const [index, message] of messages.entries()) {
    if (message.role === "toolResult") {
      if (dropping) excess -= tokensOfMessage(message);
      else out.push(message);
      continue;
    }
    const calls = message.content.filter(({ type }) => type === "toolCall").length;
    dropping = excess > 0 && index < recent && calls > 0;
    if (!dropping) {
      out.push(message);
      continue;
    }
    const rest = message.content.filter(({ type }) => type === "text");
    const shorter = { ...message, content: [...rest, ...text(leftOut(calls))] };
    excess -= tokensOfMessage(message) - tokensOfMessage(shorter);
    out.push(shorter);
  }
  return out;
}

function leftOut(calls: number): string {
  return calls === 1
    ? "[a tool call and its result are left out here]"
    : `[${calls} tool calls and their results are left out here]`;
}

/** Halves what a message may have until all of them fit, or until there is nothing left worth cutting. */
function shortenTexts(messages: readonly TranscriptMessage[], room: number): readonly TranscriptMessage[] {
  let shorter = messages;
  for (let maxBytes = Math.max(SMALLEST_BYTES, room * 2); tokensOfAll(shorter) > room; maxBytes /= 2) {
    if (maxBytes < SMALLEST_BYTES) return shorter;
    shorter = messages.map((message) => withShortOutput(message, Math.floor(maxBytes), true));
  }
  return shorter;
}

function withShortOutput(message: TranscriptMessage, maxBytes: number, anyRole = false): TranscriptMessage {
  if (message.role !== "toolResult" && !anyRole) return message;
  const content = message.content.map((block): ContentBlock => {
    if (block.type !== "text") return block;
    const shorter = capMiddle(block.text, maxBytes);
    return shorter === block.text ? block : { type: "text", text: shorter };
  });
  return content.every((block, index) => block === message.content[index])
    ? message
    : { ...message, content };
}
