import { NO_USAGE } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import type { Context } from "./context.ts";
import type { Cooldowns } from "./cooldowns.ts";
import { decide, type FailoverDecision } from "./failover.ts";
import { meteredCall, nameOf } from "./metered-call.ts";
import type { Reply } from "./model-step.ts";
import type { ModelTarget } from "./provider.ts";
import type { Candidate, RunInput } from "./run.ts";

/** The model calls of one run. Who answered is asked again with the next step, so that a run keeps its model. */
export interface Attempts {
  /** Who answered last, or was asked last. */
  readonly target: ModelTarget;
  call(itemId: string): Promise<Reply>;
}

export function openAttempts(input: RunInput, context: Context, abort: AbortWatch): Attempts {
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

  async function call(itemId: string): Promise<Reply> {
    let calls = 0;
    let triesHere = 0;
    let shrunk = false;
    let firstFailureAt: number | undefined;
    for (;;) {
      const messages = await context.prepare(current);
      if (messages === "aborted") return ABORTED;
      calls++;
      triesHere++;
      const { target } = current;
      const { reply, made } = await meteredCall(input, current, messages, itemId, abort);
      if (!made) return reply;
      const { finish } = reply;
      if (finish.reason !== "failed") {
        const outcome = finish.reason === "aborted" ? "aborted" : "ok";
        if (outcome === "ok") {
          cooldowns.end(target);
          const { input: fresh, cacheRead, cacheWrite } = reply.usage;
          context.counted(target, fresh + cacheRead + cacheWrite);
        }
        onEvent({ kind: "attempt", ...made, outcome });
        return reply;
      }

      const now = clock.monotonic();
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
        canShrink: failure === "context-overflow" && !shrunk && context.overflowed(target, message),
      });
      onEvent({ kind: "attempt", ...made, outcome: failure, message, decision });
      if (decision.action === "stop") return reply;
      if (decision.action === "compact") shrunk = true;
      if ((await pause(decision.waitMs)) === "aborted") return { ...reply, finish: { reason: "aborted" } };
      if (follow(decision)) triesHere = 0;
    }
  }

  /** True when somebody else is asked now. */
  function follow({ action }: FailoverDecision): boolean {
    if (action === "retry" || action === "compact") return false;
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
      ...nameOf(input, target),
      startedAt: clock.now(),
      durationMs: 0,
      outcome: "passed-over",
      decision: { action: "next-model", waitMs: 0, reason },
    });
  }

  async function pause(ms: number): Promise<"aborted" | undefined> {
    if (ms === 0) return abort.aborted ? "aborted" : undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using _timer = clock.after(ms, () => resolve(undefined));
    return await Promise.race([promise, abort.happened]);
  }
}

const ABORTED: Reply = {
  text: "",
  thoughts: [],
  calls: [],
  usage: NO_USAGE,
  finish: { reason: "aborted" },
};

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
