import type { InboundMessage } from "./message.ts";
import type { Dropped } from "./outcome.ts";

/** Facts of the moment that admission depends on. */
export interface Gate {
  shuttingDown: boolean;
  /** Turns waiting or running in all lanes. */
  openTurns: number;
  maxOpenTurns: number;
  /** The memory watchdog lets no more work in. */
  memoryShort: boolean;
  /** Why nothing new is begun for now. */
  paused?: string | undefined;
}

export const MAX_TEXT_CHARS = 400_000;

/** Pure: same message, same gate, same answer. Undefined means admitted. */
export function admit(message: InboundMessage, gate: Gate): Dropped | undefined {
  if (gate.shuttingDown) {
    return drop("shutting-down", "the gateway is shutting down; send it again in a moment");
  }
  if (gate.paused !== undefined) return drop("safe-mode", gate.paused);
  if (message.text.trim() === "" && message.images.length === 0 && !message.followUp?.length)
    return drop("empty", "message is empty");
  if (message.text.length > MAX_TEXT_CHARS) {
    return drop("too-large", `message has ${message.text.length} characters; the limit is ${MAX_TEXT_CHARS}`);
  }
  if (gate.memoryShort) {
    return drop(
      "memory-pressure",
      "the gateway is short of memory and takes no new turns; try again in a moment",
    );
  }
  if (gate.openTurns >= gate.maxOpenTurns) {
    return drop("queue-full", `${gate.openTurns} turns are waiting already; try again in a moment`);
  }
  return undefined;
}

function drop(reason: Dropped["reason"], message: string): Dropped {
  return { kind: "dropped", reason, message };
}
