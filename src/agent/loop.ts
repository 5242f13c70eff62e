import { addUsage, NO_USAGE, type TranscriptMessage, text } from "../protocol/messages.ts";
import { type AbortWatch, watchAbort } from "./abort.ts";
import { openAttempts } from "./attempts.ts";
import { type Context, openContext } from "./context.ts";
import type { Reply } from "./model-step.ts";
import type { ModelTarget } from "./provider.ts";
import type { RunEnd, RunInput } from "./run.ts";
import { runTools } from "./tool-step.ts";

export type { RunEnd, RunEvent, RunInput } from "./run.ts";

/** What the run has come to so far; each way out of the loop reports it. */
interface Progress {
  text: string;
  usage: RunEnd["usage"];
  steps: number;
  toolsRun: number;
  /** A tool may have changed the world: from here on nothing is asked a second time. */
  effects: boolean;
  target: ModelTarget | undefined;
}

/**
 * One run: call the model, run its tools, repeat until it has nothing more to do.
 * Never rejects. A defect (of ours, or of `onEvent`) ends it as "failed" without a `failure` class.
 */
export async function runAgent(input: RunInput): Promise<RunEnd> {
  const progress: Progress = {
    text: "",
    usage: NO_USAGE,
    steps: 0,
    toolsRun: 0,
    effects: false,
    target: undefined,
  };
  try {
    using abort = watchAbort(input.signal);
    return await converse(input, progress, abort);
  } catch (error) {
    return endOf(progress, "failed", { message: error instanceof Error ? error.message : String(error) });
  }
}

async function converse(input: RunInput, progress: Progress, abort: AbortWatch): Promise<RunEnd> {
  const context = openContext(input, abort);
  let emptyTurns = 0;
  const attempts = openAttempts(input, context, abort);

  while (progress.steps < input.maxSteps) {
    if (abort.aborted) return endOf(progress, "aborted");
    takeSteered(input, context);

    progress.steps++;
    const reply = await attempts.call(`${input.runId}-${progress.steps}`);
    progress.target = attempts.target;
    progress.usage = addUsage(progress.usage, reply.usage);
    const stored = record(input, attempts.target, reply, context);
    if (stored) progress.text = reply.text;

    const { finish } = reply;
    if (finish.reason === "aborted") return endOf(progress, "aborted");
    if (finish.reason === "failed") {
      const { failure, message, retryAfterMs } = finish;
      return endOf(progress, "failed", {
        failure,
        message,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    }
    if (reply.calls.length > 0) {
      const clientCalls = reply.calls.filter(({ name }) => isOfClient(input, name));
      const ran = await runTools(
        input,
        reply.calls.filter((call) => !clientCalls.includes(call)),
        abort,
      );
      context.push(...ran.results);
      progress.toolsRun += ran.results.length;
      progress.effects ||= ran.effects;
      if (clientCalls.length > 0 && !abort.aborted) return endOf(progress, "tool-calls", { clientCalls });
      continue;
    }
    if (finish.reason === "length") return endOf(progress, "length");
    if (reply.text.trim() === "") {
      // Some models now and then answer with nothing at all; once more is worth it while nothing was touched.
      if (progress.effects || ++emptyTurns > 1) return endOf(progress, "failed", emptyTurn(input, progress));
      continue;
    }
    if (!takeSteered(input, context)) return endOf(progress, "stop");
  }

  if (abort.aborted) return endOf(progress, "aborted");
  return stopAtLimit(input, attempts.target, progress);
}

function isOfClient({ clientTools = [] }: RunInput, name: string): boolean {
  return clientTools.some((tool) => tool.name === name);
}

/** True when there was something to take in. */
function takeSteered(input: RunInput, context: Context): boolean {
  const steered = input.takeSteered();
  for (const message of steered) {
    context.push(message);
    input.onEvent({ kind: "message", message });
  }
  return steered.length > 0;
}

/** Puts a reply with any content on record, before its tools run. Tool calls of a reply that broke off are dropped. */
function record(input: RunInput, target: ModelTarget, reply: Reply, context: Context): boolean {
  const { finish, calls, thoughts, usage } = reply;
  const brokeOff = finish.reason === "aborted" || finish.reason === "failed";
  const content: TranscriptMessage["content"] = [...thoughts, ...text(reply.text)];
  if (!brokeOff) {
    for (const call of calls) {
      content.push({ type: "toolCall", id: call.id, name: call.name, arguments: call.input });
    }
  }
  if (reply.text.trim() === "" && (brokeOff || calls.length === 0)) return false;
  const message = assistantMessage(input, target, content, {
    usage,
    stopReason: stopReason(reply),
    ...(finish.reason === "failed" && { errorMessage: finish.message }),
  });
  context.push(message);
  input.onEvent({ kind: "message", message });
  return true;
}

function stopReason({ finish, calls }: Reply): TranscriptMessage["stopReason"] {
  if (finish.reason === "aborted") return "aborted";
  if (finish.reason === "failed") return "error";
  if (calls.length > 0) return "toolUse";
  return finish.reason === "length" ? "length" : "stop";
}

function assistantMessage(
  { clock }: RunInput,
  target: ModelTarget,
  content: TranscriptMessage["content"],
  rest: Partial<TranscriptMessage>,
): TranscriptMessage {
  const { api, provider, model } = target;
  return { role: "assistant", content, timestamp: clock.now(), api, provider, model, ...rest };
}

function stopAtLimit(input: RunInput, target: ModelTarget, progress: Progress): RunEnd {
  const notice = `I stopped here: this run reached its limit of ${input.maxSteps} model calls. Say "continue" to go on.`;
  input.onEvent({ kind: "text", itemId: `${input.runId}-limit`, delta: notice, text: notice });
  const message = assistantMessage(input, target, text(notice), { usage: NO_USAGE, stopReason: "stop" });
  input.onEvent({ kind: "message", message });
  return endOf({ ...progress, text: notice }, "stop");
}

function emptyTurn({ runId }: RunInput, { toolsRun, effects }: Progress): Partial<RunEnd> {
  const state = `payloads=0 tools=${toolsRun} replaySafe=${effects ? "no" : "yes"}`;
  return {
    failure: "malformed",
    message: `incomplete turn detected: runId=${runId} stopReason=stop ${state}`,
  };
}

function endOf(progress: Progress, reason: RunEnd["reason"], rest: Partial<RunEnd> = {}): RunEnd {
  const { text, usage, steps, target } = progress;
  return { reason, text, usage, steps, ...(target && { target }), ...rest };
}
