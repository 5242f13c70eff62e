import { type FailedFinish, failed } from "./call-failure.ts";
import type { ModelTarget, ProviderEvent } from "./provider.ts";

/** Puts the events of one streamed answer together. Each wire protocol has its own. */
export interface ReplyReader {
  /** One `data:` payload. What can be shown at once goes to the `emit` it was made with. */
  take(data: string): void;
  /** Gives the reply up; what was emitted stays. */
  giveUp(problem: string): void;
  /** True when nothing of interest can follow. */
  readonly done: boolean;
  /** True when the upstream said why it stopped: whatever happens to the connection now, the reply is whole. */
  readonly complete: boolean;
  /** The events that close the reply, with exactly one `finish` at the end. */
  end(): ProviderEvent[];
}

/** Characters of one reply, tool arguments included. */
export const MAX_REPLY_CHARS = 8 * 1024 * 1024;

export function parseEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

export function notAnObject(data: string): string {
  return `the model's answer holds an event that is no JSON object: ${data.slice(0, 80)}`;
}

export const TOO_LONG = `the model's answer is longer than ${MAX_REPLY_CHARS} characters`;

export function filtered(target: ModelTarget): FailedFinish {
  return failed("refused", "the provider's content filter stopped the answer", target);
}

/** A stream that ended without saying why: whole where there is anything whole in it (HTTP-08). */
export function endedUnsaid(
  made: readonly Extract<ProviderEvent, { kind: "tool-call" }>[],
  chars: number,
  target: ModelTarget,
): FailedFinish | undefined {
  if (made.some((call) => call.invalid)) {
    return failed("malformed", "the model's answer broke off inside a tool call", target);
  }
  if (chars === 0 && made.length === 0) {
    return failed("malformed", "the model's answer ended before it began", target);
  }
  return undefined;
}

/** A count of tokens on the wire. */
export function tokens(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
