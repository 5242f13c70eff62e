import type { TranscriptMessage } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import type { Cooldowns } from "./cooldowns.ts";
import { costOf } from "./cost.ts";
import { decide, type FailoverDecision } from "./failover.ts";
import { callModel, type Reply } from "./model-step.ts";
import type { ModelTarget } from "./provider.ts";
import type { Candidate, RunInput } from "./run.ts";

/** The model calls of one run. Who answered is asked again with the next step, so that a run keeps its model. */
export interface Attempts {
  /** Who answered last, or was asked last. */
  readonly target: ModelTarget;
  call(messages: readonly TranscriptMessage[], itemId: string): Promise<Reply>;
}

export function openAttempts(input: RunInput, abort: AbortWatch): Attempts {
  const { clock, cooldowns, onEvent } = input;
  const candidates = inOrder(input.candidates, cooldowns);
  let at = 0;
  let current = startWith(candidates[0]!, cooldowns);
  announce();
  for (const { target } of input.candidates.slice(0, input.candidates.indexOf(candidates[0]!)))
    passOver(target);

  return {
    get target() {
      return current.target;
    },
    call,
  };

  async function call(messages: readonly TranscriptMessage[], itemId: string): Promise<Reply> {
    let calls = 0;
    let triesHere = 0;
    let firstFailureAt: number | undefined;
    for (;;) {
      calls++;
      triesHere++;
      const { target } = current;
      const startedAt = clock.now();
      const before = clock.monotonic();
      const reply = await callModel(input, current, messages, itemId, abort);
      const now = clock.monotonic();
      const { finish } = reply;
      const cost = costOf(reply.usage, target);
      const made = {
        startedAt,
        durationMs: Math.round(now - before),
        usage: reply.usage,
        ...(cost !== undefined && { cost }),
      };
      if (finish.reason !== "failed") {
        const outcome = finish.reason === "aborted" ? "aborted" : "ok";
        if (outcome === "ok") cooldowns.end(target);
        onEvent({ kind: "attempt", ...nameOf(target), ...made, outcome });
        return reply;
      }

      firstFailureAt ??= now;
      const { failure, message, retryAfterMs } = finish;
      cooldowns.begin(target, failure, retryAfterMs);
      const decision = decide({
        failure,
        retryAfterMs,
        shown: reply.text !== "",
        triesHere,
        calls,
        sinceFirstFailureMs: now - firstFailureAt,
        longContext: target.params?.context1m === true,
        moreKeys: nextIndex(true) !== undefined,
        moreModels: nextIndex(false) !== undefined,
      });
      onEvent({ kind: "attempt", ...nameOf(target), ...made, outcome: failure, message, decision });
      if (decision.action === "stop") return reply;
      if ((await pause(decision.waitMs)) === "aborted") return { ...reply, finish: { reason: "aborted" } };
      if (follow(decision)) triesHere = 0;
    }
  }

  /** True when somebody else is asked now. */
  function follow({ action }: FailoverDecision): boolean {
    if (action === "retry") return false;
    if (action === "retry-short-context") {
      current = withShortContext(current);
      return true;
    }
    at = nextIndex(action === "next-key")!;
    current = startWith(candidates[at]!, cooldowns);
    announce();
    return true;
  }

  /** The next candidate with the same model and another key, or with another model. */
  function nextIndex(sameModel: boolean): number | undefined {
    const { provider, model } = candidates[at]!.target;
    const index = candidates.findIndex(
      ({ target }, position) =>
        position > at && (target.provider === provider && target.model === model) === sameModel,
    );
    return index < 0 ? undefined : index;
  }

  function announce(): void {
    onEvent({ kind: "model", provider: current.target.provider, model: current.target.model });
  }

  function passOver(target: ModelTarget): void {
    const cooling = cooldowns.of(target);
    if (!cooling) return;
    const reason = `${cooling.failure} for another ${Math.ceil(cooling.leftMs / 1000)} s`;
    onEvent({
      kind: "attempt",
      ...nameOf(target),
      startedAt: clock.now(),
      durationMs: 0,
      outcome: "passed-over",
      decision: { action: "next-model", waitMs: 0, reason },
    });
  }

  function nameOf(target: ModelTarget): { provider: string; model: string; key: number } {
    const { provider, model } = target;
    const keys = input.candidates.filter(
      (candidate) => candidate.target.provider === provider && candidate.target.model === model,
    );
    return {
      provider,
      model,
      key: 1 + keys.findIndex((candidate) => candidate.target.apiKey === target.apiKey),
    };
  }

  async function pause(ms: number): Promise<"aborted" | undefined> {
    if (ms === 0) return abort.aborted ? "aborted" : undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using _timer = clock.after(ms, () => resolve(undefined));
    return await Promise.race([promise, abort.happened]);
  }
}

/** Those in a cooldown come last; where all of them are, the order of the config holds. */
function inOrder(candidates: readonly Candidate[], cooldowns: Cooldowns): readonly Candidate[] {
  const cooling = candidates.filter(({ target }) => isOut(target, cooldowns));
  if (cooling.length === 0 || cooling.length === candidates.length) return candidates;
  return [...candidates.filter((candidate) => !cooling.includes(candidate)), ...cooling];
}

/** Without the long context such a model can still be asked. */
function isOut(target: ModelTarget, cooldowns: Cooldowns): boolean {
  const cooling = cooldowns.of(target);
  return cooling !== undefined && cooling.failure !== "long-context-denied";
}

function startWith(candidate: Candidate, cooldowns: Cooldowns): Candidate {
  const denied = cooldowns.of(candidate.target)?.failure === "long-context-denied";
  return denied ? withShortContext(candidate) : candidate;
}

function withShortContext({ target, provider }: Candidate): Candidate {
  return { provider, target: { ...target, params: { ...target.params, context1m: false } } };
}
