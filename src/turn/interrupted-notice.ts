import { type TranscriptMessage, text } from "../protocol/messages.ts";

/** Stands in the transcript where an answer would be, so that nobody waits for it. */
export function interruptedNotice(reason: string, now: number): TranscriptMessage {
  const notice = `This turn was interrupted when the gateway stopped (${reason}). Send the message again to repeat it.`;
  return { role: "assistant", content: text(notice), timestamp: now, stopReason: "interrupted" };
}
