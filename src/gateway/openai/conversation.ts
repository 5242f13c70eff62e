import { type ContentBlock, type TranscriptMessage, text } from "../../protocol/messages.ts";
import { type AgentRequest, invalid } from "./agent-request.ts";

/** What a caller repeats of its conversation, one thing after another, whichever protocol it came in. */
export type Said =
  | { by: "instructions"; text: string }
  | { by: "user"; text: string; images: AgentRequest["images"] }
  | { by: "assistant"; text: string }
  | { by: "call"; id: string; name: string; args: string }
  | { by: "result"; id: string; text: string };

type Conversation = Pick<AgentRequest, "text" | "images" | "context" | "followUp">;

/**
 * The newest question, what the caller's own tools found after it, and everything before as text: the agent has a
 * session of its own. `continued`: the calls that results answer may be in its transcript already. Undefined where
 * there is neither a question nor a result.
 */
export function conversationOf(
  items: readonly Said[],
  { now, continued, instructions = "" }: { now: number; continued: boolean; instructions?: string },
): Conversation | undefined {
  const last = items.findLastIndex(({ by }) => by === "user");
  const question = items[last] as Extract<Said, { by: "user" }> | undefined;
  const after = items.slice(last + 1);
  const hasResults = after.some(({ by }) => by === "result");
  if (!question && !hasResults) return undefined;
  const earlier = hasResults ? items.slice(0, Math.max(0, last)) : items.toSpliced(last, 1);
  return {
    text: question?.text ?? "",
    images: question?.images ?? [],
    context: contextOf(instructions, earlier),
    followUp: hasResults ? transcriptOf(after, continued, now) : [],
  };
}

/** The caller's tools and what they found, as the agent would have put it on record: calls made together stay together. */
function transcriptOf(items: readonly Said[], continued: boolean, timestamp: number): TranscriptMessage[] {
  const names = new Map<string, string>();
  const messages: TranscriptMessage[] = [];
  const assistant = (content: ContentBlock[]) => {
    const open = messages.at(-1);
    if (open?.role === "assistant") open.content.push(...content);
    else if (content.length > 0) messages.push({ role: "assistant", content, timestamp });
  };
  for (const item of items) {
    if (item.by === "assistant") assistant(text(item.text));
    if (item.by === "call") {
      names.set(item.id, item.name);
      assistant([callOf(item)]);
    }
    if (item.by !== "result") continue;
    const toolName = names.get(item.id) ?? (continued ? "tool" : undefined);
    if (toolName === undefined)
      throw invalid(`The tool result '${item.id.slice(0, 64)}' answers no tool call before it.`);
    const content = text(item.text);
    messages.push({ role: "toolResult", content, timestamp, toolCallId: item.id, toolName, isError: false });
  }
  return messages;
}

function contextOf(instructions: string, items: readonly Said[]): string | undefined {
  const orders = [instructions];
  const earlier: string[] = [];
  for (const item of items) {
    if (item.by === "instructions") orders.push(item.text);
    if (item.by === "user") earlier.push(`User: ${item.text}`);
    if (item.by === "assistant" && item.text !== "") earlier.push(`Assistant: ${item.text}`);
    if (item.by === "call") earlier.push(`Assistant: [called ${item.name} ${item.args}]`);
    if (item.by === "result") earlier.push(`Result of a tool: ${item.text}`);
  }
  const history = earlier.length > 0 ? `The conversation so far:\n\n${earlier.join("\n\n")}` : "";
  const context = [...orders, history].filter((part) => part !== "").join("\n\n");
  return context === "" ? undefined : context;
}

/** A call as the caller repeats it: its arguments are text. */
function callOf({ id, name, args }: Extract<Said, { by: "call" }>): ContentBlock {
  try {
    const parsed: unknown = args.trim() === "" ? {} : JSON.parse(args);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      return { type: "toolCall", id, name, arguments: parsed as Record<string, unknown> };
    }
  } catch {
    // Said below.
  }
  throw invalid(`The arguments of the tool call '${id.slice(0, 64)}' are not a JSON object.`);
}
