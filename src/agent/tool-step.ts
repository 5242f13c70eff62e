import { getDotPath, safeParse } from "valibot";
import { type TranscriptMessage, text } from "../protocol/messages.ts";
import type { AbortWatch } from "./abort.ts";
import type { PendingCall } from "./provider.ts";
import type { RunInput } from "./run.ts";
import type { AnyTool, ToolResult } from "./tool.ts";
import { capMiddle } from "./tool-output.ts";

const MAX_OUTPUT_BYTES = 64 * 1024;
/** How many tools without effect run at the same time. */
const MAX_TOGETHER = 8;

export interface ToolsRun {
  /** One per finished call. After an abort some are missing; `forModel` fills the gaps on the next run. */
  results: TranscriptMessage[];
  /** True when a tool with an external effect was started. */
  effects: boolean;
}

type Outcome = ToolResult & { failed: boolean };

/**
 * Runs the tool calls of one reply: together when none of them has an effect, else one after another in the
 * model's order. What goes wrong is a failed result that the model can read. On abort it returns at once.
 */
export async function runTools(
  input: RunInput,
  calls: readonly PendingCall[],
  abort: AbortWatch,
): Promise<ToolsRun> {
  const ran: ToolsRun = { results: [], effects: false };
  const together = calls.every((call) => find(input, call)?.effect !== "external");
  const waiting = calls.values();
  const workers = Array.from({ length: together ? MAX_TOGETHER : 1 }, async () => {
    for (const call of waiting) {
      if (abort.aborted) return;
      const result = await runOne(input, call, ran, abort);
      if (result) ran.results.push(result);
    }
  });
  await Promise.all(workers);
  return ran;
}

async function runOne(
  input: RunInput,
  call: PendingCall,
  ran: ToolsRun,
  abort: AbortWatch,
): Promise<TranscriptMessage | undefined> {
  const { onEvent, clock } = input;
  const { id: toolCallId, name } = call;
  const startedAt = clock.monotonic();
  const tool = find(input, call);
  const ready = prepare(input, tool, call);
  const title = tool && "input" in ready ? tool.title(ready.input) : name;
  onEvent({
    kind: "tool-start",
    toolCallId,
    name,
    title,
    toolKind: tool?.kind ?? "other",
    input: call.input,
  });

  let outcome: Outcome;
  if (!tool || "problem" in ready) {
    outcome = { text: "problem" in ready ? ready.problem : "", failed: true };
  } else {
    ran.effects ||= tool.effect === "external";
    const raced = await Promise.race([runTool(input, tool, ready.input, toolCallId, abort), abort.happened]);
    if (raced === "aborted") return undefined;
    outcome = raced;
  }

  const output = capMiddle(outcome.text, MAX_OUTPUT_BYTES);
  const details = outcome.details && { details: outcome.details };
  const { failed } = outcome;
  const durationMs = Math.round(clock.monotonic() - startedAt);
  onEvent({ kind: "tool-end", toolCallId, name, text: output, ...details, failed, durationMs });
  const message: TranscriptMessage = {
    role: "toolResult",
    content: text(output),
    timestamp: clock.now(),
    toolCallId,
    toolName: name,
    isError: failed,
    ...details,
  };
  onEvent({ kind: "message", message });
  return message;
}

async function runTool(
  input: RunInput,
  tool: AnyTool,
  parsed: unknown,
  toolCallId: string,
  abort: AbortWatch,
): Promise<Outcome> {
  const { agentId, sessionKey, runId, workspace, childEnv, signal, onEvent } = input;
  const progress = (part: string) => {
    if (!abort.aborted) onEvent({ kind: "tool-update", toolCallId, name: tool.name, text: part });
  };
  try {
    const context = { agentId, sessionKey, runId, toolCallId, workspace, childEnv, signal, progress };
    return { ...(await tool.run(parsed, context)), failed: false };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), failed: true };
  }
}

function find({ tools }: RunInput, call: PendingCall): AnyTool | undefined {
  return tools.find((tool) => tool.name === call.name);
}

function prepare(
  { tools }: RunInput,
  tool: AnyTool | undefined,
  call: PendingCall,
): { input: unknown } | { problem: string } {
  if (!tool) {
    const names = tools.map((known) => known.name).join(", ");
    return { problem: `There is no tool "${call.name}". Available: ${names || "none"}.` };
  }
  if (call.invalid) return { problem: `The arguments for ${tool.name} could not be read: ${call.invalid}` };
  const parsed = safeParse(tool.input, call.input);
  if (parsed.success) return { input: parsed.output };
  const issues = parsed.issues.map((issue) => {
    const path = getDotPath(issue);
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  return { problem: `Invalid input for ${tool.name}: ${issues.join("; ")}` };
}
