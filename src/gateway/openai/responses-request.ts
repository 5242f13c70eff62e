import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import {
  type AgentRequest,
  type Agents,
  agentOf,
  ClientTool,
  clientTools,
  header,
  invalid,
  MAX_CLIENT_TOOLS,
  parseBody,
  sessionOf,
  temperature,
  tokenLimit,
  user,
} from "./agent-request.ts";
import { conversationOf, type Said } from "./conversation.ts";
import { inlineFile, inlineImage, joinContent, type ReadContent } from "./inline.ts";

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
  v.object({
    type: v.literal("input_file"),
    filename: v.nullish(v.string()),
    file_data: v.nullish(v.string()),
    file_url: v.nullish(v.string()),
    file_id: v.nullish(v.string()),
  }),
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
  const { input } = request;
  const items: Said[] =
    typeof input === "string" ? [{ by: "user", text: input, images: [] }] : input.flatMap(said);
  const previousResponseId = request.previous_response_id ?? undefined;
  const previous = previousResponseId === undefined ? undefined : sessionOfResponse(previousResponseId);
  if (previousResponseId !== undefined && !previous?.startsWith(`agent:${agentId}:`)) {
    throw invalid(`Previous response with id '${previousResponseId.slice(0, 80)}' not found.`);
  }
  const instructions = request.instructions ?? "";
  const conversation = conversationOf(items, { now, continued: previous !== undefined, instructions });
  if (!conversation) throw invalid("Missing user message in `input`.");
  const named = header(headers, "x-openclaw-session-key");
  return {
    model: request.model,
    agentId,
    sessionKey: previous ?? sessionOf(agentId, "openresponses-user", request.user ?? undefined, named),
    ...conversation,
    ...clientTools(request.tools ?? [], request.tool_choice),
    stream: request.stream === true,
    temperature: request.temperature ?? undefined,
    maxTokens: request.max_output_tokens ?? undefined,
    backendModel: header(headers, "x-openclaw-model"),
    previousResponseId,
    metadata: request.metadata ?? {},
  };
}

function said(item: Item): Said[] {
  switch (item.type) {
    case "message": {
      const { text, images } = read(item.content);
      if (item.role === "user") return [{ by: "user", text, images }];
      return [{ by: item.role === "assistant" ? "assistant" : "instructions", text }];
    }
    case "function_call":
      return [{ by: "call", id: item.call_id, name: item.name, args: item.arguments }];
    case "function_call_output":
      return [{ by: "result", id: item.call_id, text: read(item.output).text }];
    default:
      return [];
  }
}

function read(content: v.InferOutput<typeof Content>): ReadContent {
  if (typeof content === "string") return { text: content, images: [] };
  return joinContent(
    content.map((part): ReadContent => {
      switch (part.type) {
        case "input_image":
          return { text: "", images: [inlineImage(part.image_url)] };
        case "input_file":
          return inlineFile(part);
        case "refusal":
          return { text: part.refusal, images: [] };
        default:
          return { text: part.text, images: [] };
      }
    }),
  );
}
