import type { Clock } from "../platform/clock.ts";
import { NO_USAGE, type Usage } from "../protocol/messages.ts";
import { costOf } from "./cost.ts";
import type { CallFailure, ModelTarget, Provider } from "./provider.ts";

export interface BareCall {
  target: ModelTarget;
  prompt: string;
  system?: string | undefined;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
}

export interface BareAnswer {
  ok: boolean;
  provider: string;
  model: string;
  text: string;
  usage: Usage;
  cost?: number;
  durationMs: number;
  /** With `ok: false`. */
  failure?: CallFailure;
  error?: string;
}

/** One model call and nothing around it: no agent, no tools, no conversation, no second try. */
export async function callBare(
  { target, prompt, system = "", temperature, maxTokens }: BareCall,
  { provider, clock, onText }: { provider: Provider; clock: Clock; onText?(delta: string): void },
  signal: AbortSignal,
): Promise<BareAnswer> {
  const beganAt = clock.monotonic();
  let text = "";
  let usage = NO_USAGE;
  let failed: Pick<BareAnswer, "failure" | "error"> | undefined;
  const call = {
    target,
    system,
    messages: [
      { role: "user" as const, content: [{ type: "text" as const, text: prompt }], timestamp: clock.now() },
    ],
    tools: [],
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
  for await (const event of provider.call(call, signal)) {
    if (event.kind === "text") {
      text += event.delta;
      onText?.(event.delta);
    }
    if (event.kind === "usage") usage = event.usage;
    if (event.kind === "finish" && event.reason === "failed")
      failed = { failure: event.failure, error: event.message };
  }
  const cost = costOf(usage, target);
  return {
    ok: !failed,
    provider: target.provider,
    model: target.model,
    text,
    usage,
    ...(cost !== undefined && { cost }),
    durationMs: Math.round(clock.monotonic() - beganAt),
    ...failed,
  };
}
