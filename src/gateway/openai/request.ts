import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { type TranscriptMessage, text } from "../../protocol/messages.ts";
import {
  type AgentRequest,
  type Agents,
  agentOf,
  ClientTool,
  clientTools,
  header,
  inlineImage,
  invalid,
  MAX_CLIENT_TOOLS,
  parseBody,
  repeatedCall,
  sessionOf,
  temperature,
  tokenLimit,
  user,
} from "./agent-request.ts";

/** A chat completion request, reduced to what one turn needs. */
export interface CompletionRequest extends AgentRequest {
  includeUsage: boolean;
}

const Part = v.variant("type", [
  v.object({ type: v.literal("text"), text: v.string() }),
  v.object({ type: v.literal("image_url"), image_url: v.object({ url: v.string() }) }),
]);

const Call = v.object({
  id: v.pipe(v.string(), v.maxLength(256)),
  function: v.object({ name: v.string(), arguments: v.string() }),
});

const Message = v.object({
  role: v.picklist(["system", "developer", "user", "assistant", "tool"]),
  content: v.nullish(v.union([v.string(), v.array(Part)]), ""),
  tool_calls: v.nullish(v.pipe(v.array(Call), v.maxLength(MAX_CLIENT_TOOLS))),
  tool_call_id: v.nullish(v.pipe(v.string(), v.maxLength(256))),
});
type Message = v.InferOutput<typeof Message>;

const Body = v.object({
  model: v.optional(v.string(), "openclaw"),
  messages: v.pipe(v.array(Message), v.maxLength(2_000)),
  stream: v.nullish(v.boolean(), false),
  stream_options: v.nullish(v.object({ include_usage: v.optional(v.boolean(), false) })),
  temperature: temperature(),
  max_tokens: tokenLimit(),
  max_completion_tokens: tokenLimit(),
  n: v.nullish(v.pipe(v.number(), v.maxValue(1))),
  user: user(),
  tools: v.nullish(
    v.pipe(
      v.array(v.object({ type: v.literal("function"), function: ClientTool })),
      v.maxLength(MAX_CLIENT_TOOLS),
    ),
    [],
  ),
  tool_choice: v.optional(v.unknown()),
});

export function parseCompletion(
  body: unknown,
  headers: IncomingMessage["headers"],
  agents: Agents,
  now: number,
): CompletionRequest {
  const request = parseBody(Body, body);
  const agentId = agentOf(request.model, header(headers, "x-openclaw-agent-id"), agents);
  const last = request.messages.findLastIndex((message) => message.role === "user");
  const question = request.messages[last];
  if (!question) throw invalid("Missing user message in `messages`.");
  const content = readContent(question.content);
  const after = request.messages.slice(last + 1);
  const hasResults = after.some(({ role }) => role === "tool");
  const session = header(headers, "x-openclaw-session-key");
  return {
    model: request.model,
    agentId,
    sessionKey: sessionOf(agentId, "openai-user", request.user ?? undefined, session),
    ...content,
    context: contextOf(request.messages.filter((_, at) => at !== last && !(hasResults && at > last))),
    clientTools: clientTools(
      (request.tools ?? []).map((tool) => tool.function),
      request.tool_choice,
    ),
    followUp: hasResults ? transcriptOf(after, now) : [],
    stream: request.stream === true,
    includeUsage: request.stream_options?.include_usage === true,
    temperature: request.temperature ?? undefined,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    backendModel: header(headers, "x-openclaw-model"),
  };
}

function readContent(content: Message["content"]): Pick<AgentRequest, "text" | "images"> {
  if (typeof content === "string" || !content) return { text: content ?? "", images: [] };
  const images: AgentRequest["images"] = [];
  const texts: string[] = [];
  for (const part of content) {
    if (part.type === "text") texts.push(part.text);
    else images.push(inlineImage(part.image_url.url));
  }
  return { text: texts.join("\n"), images };
}

/** The caller's tools and what they found, as the agent would have put it on record. */
function transcriptOf(messages: readonly Message[], timestamp: number): TranscriptMessage[] {
  const names = new Map<string, string>();
  return messages.flatMap((message): TranscriptMessage[] => {
    const said = text(readContent(message.content).text);
    if (message.role === "assistant") {
      const calls = (message.tool_calls ?? []).map((call) => {
        names.set(call.id, call.function.name);
        return repeatedCall(call.id, call.function.name, call.function.arguments);
      });
      return [{ role: "assistant", content: [...said, ...calls], timestamp }];
    }
    if (message.role !== "tool") return [];
    const toolCallId = message.tool_call_id ?? "";
    const toolName = names.get(toolCallId);
    if (toolName === undefined) {
      throw invalid(`The tool result '${toolCallId.slice(0, 64)}' answers no tool call before it.`);
    }
    return [{ role: "toolResult", content: said, timestamp, toolCallId, toolName, isError: false }];
  });
}

/** The agent has one session per call; what the client remembers is handed over as text. */
function contextOf(messages: readonly Message[]): string | undefined {
  const instructions = messages
    .filter(({ role }) => role === "system" || role === "developer")
    .map(({ content }) => readContent(content).text);
  const earlier = messages.filter(({ role }) => role !== "system" && role !== "developer").map(asWords);
  const history = earlier.length > 0 ? `The conversation so far:\n\n${earlier.join("\n\n")}` : "";
  const context = [...instructions, history].filter((part) => part !== "").join("\n\n");
  return context === "" ? undefined : context;
}

function asWords({ role, content, tool_calls: calls }: Message): string {
  const said = readContent(content).text;
  if (role === "tool") return `Result of a tool: ${said}`;
  if (role === "user") return `User: ${said}`;
  const called = (calls ?? []).map(({ function: { name, arguments: args } }) => `[called ${name} ${args}]`);
  return `Assistant: ${[said, ...called].filter((part) => part !== "").join("\n")}`;
}
