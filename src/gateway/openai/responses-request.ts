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

/** A request of the Responses API, reduced to what one turn needs. */
export interface ResponsesRequest extends AgentRequest {
  previousResponseId: string | undefined;
  /** Repeated in the answer. */
  metadata: Record<string, string>;
}

const id = () => v.pipe(v.string(), v.maxLength(256));
const Part = v.variant("type", [
  v.object({ type: v.picklist(["input_text", "output_text", "text"]), text: v.string() }),
  v.object({ type: v.literal("refusal"), refusal: v.string() }),
  v.object({ type: v.literal("input_image"), image_url: v.string() }),
]);
const Content = v.union([v.string(), v.array(Part)]);
const Item = v.union([
  v.object({
    type: v.optional(v.literal("message"), "message"),
    role: v.picklist(["system", "developer", "user", "assistant"]),
    content: Content,
  }),
  v.object({ type: v.literal("function_call"), call_id: id(), name: v.string(), arguments: v.string() }),
  v.object({ type: v.literal("function_call_output"), call_id: id(), output: Content }),
  // Of other models and services; nothing of them can be used here.
  v.object({ type: v.picklist(["reasoning", "item_reference"]) }),
]);
type Item = v.InferOutput<typeof Item>;
type Spoken = Extract<Item, { type: "message" }>;

const Body = v.object({
  model: v.optional(v.string(), "openclaw"),
  input: v.union([v.string(), v.pipe(v.array(Item), v.maxLength(2_000))], "Invalid input"),
  instructions: v.nullish(v.string()),
  previous_response_id: v.nullish(id()),
  stream: v.nullish(v.boolean(), false),
  temperature: temperature(),
  max_output_tokens: tokenLimit(),
  user: user(),
  metadata: v.nullish(v.record(v.string(), v.string()), {}),
  tools: v.nullish(
    v.pipe(
      v.array(v.object({ type: v.literal("function"), ...ClientTool.entries })),
      v.maxLength(MAX_CLIENT_TOOLS),
    ),
    [],
  ),
  tool_choice: v.optional(v.unknown()),
});

/** `sessionOfResponse` finds the conversation an earlier response belongs to. */
export function parseResponses(
  body: unknown,
  headers: IncomingMessage["headers"],
  agents: Agents,
  now: number,
  sessionOfResponse: (id: string) => string | undefined,
): ResponsesRequest {
  const request = parseBody(Body, body);
  const agentId = agentOf(request.model, header(headers, "x-openclaw-agent-id"), agents);
  const items: Item[] =
    typeof request.input === "string"
      ? [{ type: "message", role: "user", content: request.input }]
      : request.input;
  const last = items.findLastIndex((item) => item.type === "message" && item.role === "user");
  const question = items[last] as Spoken | undefined;
  const after = items.slice(last + 1);
  const hasResults = after.some(({ type }) => type === "function_call_output");
  if (!question && !hasResults) throw invalid("Missing user message in `input`.");

  const previousResponseId = request.previous_response_id ?? undefined;
  const previous = previousResponseId === undefined ? undefined : sessionOfResponse(previousResponseId);
  if (previousResponseId !== undefined && !previous?.startsWith(`agent:${agentId}:`)) {
    throw invalid(`Previous response with id '${previousResponseId.slice(0, 80)}' not found.`);
  }
  const named = header(headers, "x-openclaw-session-key");
  return {
    model: request.model,
    agentId,
    sessionKey: previous ?? sessionOf(agentId, "openresponses-user", request.user ?? undefined, named),
    ...(question ? readContent(question.content) : { text: "", images: [] }),
    context: contextOf(
      request.instructions ?? "",
      hasResults ? items.slice(0, last) : items.toSpliced(last, 1),
    ),
    clientTools: clientTools(request.tools ?? [], request.tool_choice),
    followUp: hasResults ? transcriptOf(after, previous !== undefined, now) : [],
    stream: request.stream === true,
    temperature: request.temperature ?? undefined,
    maxTokens: request.max_output_tokens ?? undefined,
    backendModel: header(headers, "x-openclaw-model"),
    previousResponseId,
    metadata: request.metadata ?? {},
  };
}

function readContent(content: v.InferOutput<typeof Content>): Pick<AgentRequest, "text" | "images"> {
  if (typeof content === "string") return { text: content, images: [] };
  const images: AgentRequest["images"] = [];
  const texts: string[] = [];
  for (const part of content) {
    if (part.type === "input_image") images.push(inlineImage(part.image_url));
    else texts.push(part.type === "refusal" ? part.refusal : part.text);
  }
  return { text: texts.join("\n"), images };
}

/** `continued`: the calls the results answer are in the transcript already. */
function transcriptOf(items: readonly Item[], continued: boolean, timestamp: number): TranscriptMessage[] {
  const names = new Map<string, string>();
  return items.flatMap((item): TranscriptMessage[] => {
    switch (item.type) {
      case "message": {
        if (item.role !== "assistant") return [];
        return [{ role: "assistant", content: text(readContent(item.content).text), timestamp }];
      }
      case "function_call": {
        names.set(item.call_id, item.name);
        const content = [repeatedCall(item.call_id, item.name, item.arguments)];
        return [{ role: "assistant", content, timestamp }];
      }
      case "function_call_output": {
        const toolName = names.get(item.call_id) ?? (continued ? "tool" : undefined);
        if (toolName === undefined) {
          throw invalid(
            `No tool call found for function call output with call_id ${item.call_id.slice(0, 64)}.`,
          );
        }
        const content = text(readContent(item.output).text);
        return [
          { role: "toolResult", content, timestamp, toolCallId: item.call_id, toolName, isError: false },
        ];
      }
      default:
        return [];
    }
  });
}

function contextOf(instructions: string, items: readonly Item[]): string | undefined {
  const orders = [instructions];
  const earlier: string[] = [];
  for (const item of items) {
    if (item.type === "function_call") earlier.push(`Assistant: [called ${item.name} ${item.arguments}]`);
    if (item.type === "function_call_output") {
      earlier.push(`Result of a tool: ${readContent(item.output).text}`);
    }
    if (item.type !== "message") continue;
    const said = readContent(item.content).text;
    if (item.role === "system" || item.role === "developer") orders.push(said);
    else earlier.push(`${item.role === "user" ? "User" : "Assistant"}: ${said}`);
  }
  const history = earlier.length > 0 ? `The conversation so far:\n\n${earlier.join("\n\n")}` : "";
  const context = [...orders, history].filter((part) => part !== "").join("\n\n");
  return context === "" ? undefined : context;
}
