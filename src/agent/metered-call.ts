import { NO_USAGE, type TranscriptMessage } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import { costOf } from "./cost.ts";
import { callModel, type Reply } from "./model-step.ts";
import type { ModelTarget } from "./provider.ts";
import type { Candidate, ModelAttempt, RunInput } from "./run.ts";

/** What the bill needs to know of a call, however it ended. */
export type Made = Pick<
  ModelAttempt,
  "provider" | "model" | "key" | "startedAt" | "durationMs" | "usage" | "cost"
>;

/** The only way to a model: what is over its budget is not sent, and nothing is sent without being counted. */
export async function meteredCall(
  input: RunInput,
  candidate: Candidate,
  messages: readonly TranscriptMessage[],
  itemId: string,
  abort: AbortWatch,
): Promise<{ reply: Reply; made?: Made }> {
  const { clock } = input;
  const { target } = candidate;
  const overBudget = input.overBudget?.();
  if (overBudget !== undefined) return { reply: refused(overBudget) };
  const startedAt = clock.now();
  const before = clock.monotonic();
  const reply = await callModel(input, candidate, messages, itemId, abort);
  const cost = costOf(reply.usage, target);
  const made: Made = {
    ...nameOf(input, target),
    startedAt,
    durationMs: Math.round(clock.monotonic() - before),
    usage: reply.usage,
    ...(cost !== undefined && { cost }),
  };
  return { reply, made };
}

/** With the place of its key among those of the same model, from 1. */
export function nameOf(
  { candidates }: RunInput,
  { provider, model, apiKey }: ModelTarget,
): { provider: string; model: string; key: number } {
  const keys = candidates.filter(({ target }) => target.provider === provider && target.model === model);
  const index = keys.findIndex(({ target }) => target.apiKey === apiKey);
  return { provider, model, key: 1 + Math.max(0, index) };
}

function refused(message: string): Reply {
  return {
    text: "",
    thoughts: [],
    calls: [],
    usage: NO_USAGE,
    finish: { kind: "finish", reason: "failed", failure: "budget", message },
  };
}
