import { isRecord } from "../../../src/protocol/frames.ts";
import {
  addUsage,
  type ContentBlock,
  type StoredMessage,
  textOf,
  type Usage,
} from "../../../src/protocol/messages.ts";

/** What a chat shows, in the order in which it came about. */
export type Part =
  | { kind: "text"; id: string; text: string }
  | { kind: "thinking"; id: string; text: string }
  | ToolPart;

export interface ToolPart {
  kind: "tool";
  id: string;
  name: string;
  title: string;
  args: unknown;
  output: string;
  status: "running" | "completed" | "failed";
  durationMs?: number;
}

export type Turn =
  | { kind: "said"; id: string; text: string; images: Picture[]; runId: string | undefined }
  | Answer
  | { kind: "notice"; id: string; text: string };

export interface Answer {
  kind: "answer";
  id: string;
  parts: Part[];
  note?: "length" | "stopped" | "failed";
  error?: string;
  runId: string | undefined;
  /** Of all calls the answer took. */
  usage?: Usage;
  model?: string;
}

export interface Picture {
  mimeType: string;
  /** Base64. */
  data: string;
}

/** A run whose events arrive while the page looks. */
export interface LiveRun {
  runId: string;
  parts: Part[];
}

/** The pages of a transcript as one; a message that came twice is kept once. */
export function mergeMessages(
  known: readonly StoredMessage[],
  page: readonly StoredMessage[],
): StoredMessage[] {
  const bySeq = new Map(known.map((message) => [message.__openclaw.seq, message]));
  for (const message of page) bySeq.set(message.__openclaw.seq, message);
  return [...bySeq.values()].sort((a, b) => a.__openclaw.seq - b.__openclaw.seq);
}

export function turnsOf(messages: readonly StoredMessage[]): Turn[] {
  const turns: Turn[] = [];
  const tools = new Map<string, ToolPart>();
  for (const message of messages) {
    const { id, runId } = message.__openclaw;
    switch (message.role) {
      case "user": {
        const images = message.content.filter((block) => block.type === "image");
        turns.push({ kind: "said", id, text: textOf(message), images, runId });
        break;
      }
      case "system":
        turns.push({ kind: "notice", id, text: textOf(message) });
        break;
      case "toolResult": {
        const tool = tools.get(message.toolCallId ?? "");
        if (!tool) break;
        tool.output = textOf(message);
        tool.status = message.isError ? "failed" : "completed";
        break;
      }
      case "assistant": {
        let turn = turns.at(-1);
        if (turn?.kind !== "answer") {
          turn = { kind: "answer", id, parts: [], runId };
          turns.push(turn);
        }
        const parts = partsOf(message);
        for (const part of parts) if (part.kind === "tool") tools.set(part.id, part);
        turn.parts.push(...parts);
        const note = noteOf(message);
        if (note) turn.note = note;
        if (message.errorMessage) turn.error = message.errorMessage;
        if (message.usage) turn.usage = turn.usage ? addUsage(turn.usage, message.usage) : message.usage;
        if (message.provider && message.model) turn.model = `${message.provider}/${message.model}`;
      }
    }
  }
  return turns;
}

function partsOf({ content, __openclaw: { id } }: StoredMessage): Part[] {
  return content.flatMap((block, index) => partOf(block, `${id}:${index}`) ?? []);
}

function partOf(block: ContentBlock, id: string): Part | undefined {
  switch (block.type) {
    case "text":
      return { kind: "text", id, text: block.text };
    case "thinking":
      return { kind: "thinking", id, text: block.thinking };
    case "toolCall": {
      const { name, arguments: args } = block;
      // What becomes of it is in the messages that follow; without one the run was interrupted.
      return { kind: "tool", id: block.id, name, title: name, args, output: "", status: "failed" };
    }
    case "image":
      return undefined;
  }
}

function noteOf({ stopReason }: StoredMessage): "length" | "stopped" | "failed" | undefined {
  if (stopReason === "length") return "length";
  if (stopReason === "aborted" || stopReason === "interrupted") return "stopped";
  return stopReason === "error" ? "failed" : undefined;
}

/** More of what a command writes is in the transcript at its end. */
const MAX_LIVE_OUTPUT_CHARS = 40_000;

/** The run with one more event of its `agent` stream; what says nothing new leaves it as it is. */
export function advance(run: LiveRun, stream: string, data: unknown): LiveRun {
  if (!isRecord(data)) return run;
  switch (stream) {
    case "assistant": {
      const id = String(data.itemId);
      return withPart(run, { kind: "text", id, text: String(data.text ?? "") });
    }
    case "thinking": {
      const last = run.parts.at(-1);
      const before = last?.kind === "thinking" ? last : undefined;
      const id = before?.id ?? `thinking:${run.parts.length}`;
      return withPart(run, { kind: "thinking", id, text: (before?.text ?? "") + String(data.delta ?? "") });
    }
    case "item":
    case "tool":
    case "command_output":
      return typeof data.toolCallId === "string" ? withPart(run, toolAfter(run, data.toolCallId, data)) : run;
    default:
      return run;
  }
}

function toolAfter(run: LiveRun, id: string, data: Record<string, unknown>): ToolPart {
  const known = run.parts.find((part) => part.kind === "tool" && part.id === id) as ToolPart | undefined;
  const name = String(data.name ?? known?.name ?? "");
  const before: ToolPart = known ?? {
    kind: "tool",
    id,
    name,
    title: name,
    args: undefined,
    output: "",
    status: "running",
  };
  return {
    ...before,
    ...(typeof data.title === "string" && data.phase === "start" && { title: data.title }),
    ...("args" in data && { args: data.args }),
    // What a command has written so far comes whole, or in pieces where it is long.
    ...(typeof data.output === "string" && {
      output: (before.output + data.output).slice(-MAX_LIVE_OUTPUT_CHARS),
    }),
    ...(isRecord(data.result) && { output: textOf(data.result as never) }),
    ...(data.isError === true && { status: "failed" as const }),
    ...((data.status === "completed" || data.status === "failed") && { status: data.status }),
    ...(typeof data.durationMs === "number" && { durationMs: data.durationMs }),
  };
}

function withPart(run: LiveRun, part: Part): LiveRun {
  const at = run.parts.findIndex(({ id, kind }) => id === part.id && kind === part.kind);
  return { ...run, parts: at < 0 ? [...run.parts, part] : run.parts.with(at, part) };
}
