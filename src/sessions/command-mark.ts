import type { TranscriptMessage } from "../protocol/messages.ts";

/** A command typed into the chat, or the gateway's answer to one: for people, never for a model. */
export function isCommand({ details }: Pick<TranscriptMessage, "details">): boolean {
  return kindOf(details) === "command";
}

/** What a message of the gateway's own is; undefined for those of people, models and tools. */
export function kindOf(details: unknown): unknown {
  return typeof details === "object" && details !== null && "kind" in details ? details.kind : undefined;
}
