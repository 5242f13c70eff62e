import type { ContentBlock, TranscriptMessage } from "../protocol/messages.ts";

type ToolCall = Extract<ContentBlock, { type: "toolCall" }>;

/**
 * A transcript as a model may see it. Pure; the messages themselves are not copied.
 * Notices (role system) and empty assistant messages go. Every tool call is followed by exactly one result, the
 * recorded one or a synthetic "interrupted" one; results nobody asked for go.
 */
export function forModel(history: readonly TranscriptMessage[]): TranscriptMessage[] {
  const out: TranscriptMessage[] = [];
  for (let index = 0; index < history.length; index++) {
    const message = history[index]!;
    if (message.role === "user") out.push(message);
    if (message.role !== "assistant" || isEmpty(message)) continue;
    out.push(message);
    const calls = message.content.filter((block): block is ToolCall => block.type === "toolCall");
    if (calls.length > 0) out.push(...resultsOf(calls, history, index));
  }
  return out;
}

/** Call ids are unique within one message only (some servers count from 0 each time), so the next reply ends the search. */
function resultsOf(
  calls: readonly ToolCall[],
  history: readonly TranscriptMessage[],
  index: number,
): TranscriptMessage[] {
  const found = new Map<string, TranscriptMessage>();
  for (let next = index + 1; next < history.length && history[next]!.role !== "assistant"; next++) {
    const message = history[next]!;
    if (message.role === "toolResult" && message.toolCallId) found.set(message.toolCallId, message);
  }
  return calls.map((call) => found.get(call.id) ?? interrupted(call, history[index]!.timestamp));
}

function interrupted(call: ToolCall, timestamp: number): TranscriptMessage {
  const notice = "interrupted: this call has no result; it may or may not have taken effect";
  return {
    role: "toolResult",
    content: [{ type: "text", text: notice }],
    timestamp,
    toolCallId: call.id,
    toolName: call.name,
    isError: true,
  };
}

function isEmpty({ content }: TranscriptMessage): boolean {
  return !content.some(
    (block) => block.type === "toolCall" || (block.type === "text" && block.text.trim() !== ""),
  );
}
