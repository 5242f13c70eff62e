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
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;

/** What a person may read of what a model has said. Code is shown as it is. */
export function visibleText(text: string): string {
  // Whole blocks first where they hold code of their own.
  const parts = text.replace(PAIRED, (block) => (isInCode(text, block) ? block : "")).split(CODE);
  let out = "";
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) {
      out += part;
      continue;
    }
    if (CLOSED.test(part)) out = "";
    const shown = part.replace(CLOSED, "").replace(TEMPLATE_TOKEN, "");
    const cut = shown.replace(OPENED, "");
    out += cut;
    if (cut !== shown) break;
  }
  return out.trim();
}

function isInCode(text: string, block: string): boolean {
  return text.split(CODE).some((part, index) => index % 2 === 1 && part.includes(block));
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
