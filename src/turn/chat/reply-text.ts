import type { TurnState } from "../../sessions/journal.ts";

/** What models put around their thoughts and calls, and what is put around reminders to them (INJ-05). */
const SCAFFOLDING = [
  "think",
  "thinking",
  "reasoning",
  "reflection",
  "tool_call",
  "tool_calls",
  "tool_response",
];
const HIDDEN = [...SCAFFOLDING, "function_calls", "invoke", "system-reminder", "antml:thinking"].join("|");
const PAIRED = new RegExp(`<(${HIDDEN})\\b[^>]{0,256}>[\\s\\S]*?</\\1\\s*>`, "gi");
/** One that is never closed hides what follows; one that was never opened hides what came before. */
const OPENED = new RegExp(`<(?:${HIDDEN})\\b[^>]{0,256}>[\\s\\S]*$`, "i");
const CLOSED = new RegExp(`^[\\s\\S]*</(?:${HIDDEN})\\s*>`, "i");
const TEMPLATE_TOKEN = /<\|[^|<>\n]{1,64}\|>|<｜[^｜<>\n]{1,64}｜>/g;
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
/** Stands for a piece of code; no text keeps a zero of its own. */
const MASK = /\0(\d+)\0/g;

/** What a person may read of what a model has said. Code is shown as it is, unless it is part of a thought. */
export function visibleText(text: string): string {
  const code: string[] = [];
  const masked = text.replaceAll("\0", "").replace(CODE, (piece) => `\0${code.push(piece) - 1}\0`);
  return masked
    .replace(PAIRED, "")
    .replace(CLOSED, "")
    .replace(OPENED, "")
    .replace(TEMPLATE_TOKEN, "")
    .replace(MASK, (_mask, index) => code[Number(index)]!)
    .trim();
}

/** The agent's way to say that nothing is to be said. */
const SILENT = /^(?:NO_REPLY|HEARTBEAT_OK)$/;

export interface TurnEnd {
  text: string;
  failure?: string | undefined;
  /** Why it was aborted. */
  reason?: string | undefined;
}

/**
 * What the chat is told of the end of a turn; undefined where that is nothing. Whoever wrote gets one visible outcome, also
 * of a failure; why it failed is for the owner's log.
 */
export function replyText(state: TurnState, { text, failure, reason }: TurnEnd): string | undefined {
  switch (state) {
    case "ok":
      return SILENT.test(text.trim()) ? undefined : visibleText(text) || "(The answer has no text.)";
    case "error":
      return `I could not answer this (${failure ?? "internal error"}). Please try again later.`;
    case "aborted":
      return reason === INTERRUPTED ? undefined : `${visibleText(text)}\n\n(Stopped.)`.trim();
    case "interrupted":
      return "I was interrupted while I worked on this and had already changed something. Please look and ask again.";
    default:
      return undefined;
  }
}

/** Why `queueMode: "interrupt"` ends a run: the newer message is answered instead. */
export const INTERRUPTED = "interrupted by a newer message";
