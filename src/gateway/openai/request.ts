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

/** A chat completion request, reduced to what one turn needs. */
export interface CompletionRequest extends AgentRequest {
  includeUsage: boolean;
}

const Part = v.variant("type", [
  v.object({ type: v.literal("text"), text: v.string() }),
  v.object({ type: v.literal("refusal"), refusal: v.string() }),
  v.object({ type: v.literal("image_url"), image_url: v.object({ url: v.string() }) }),
  v.object({
    type: v.literal("file"),
    file: v.object({
      filename: v.nullish(v.string()),
      file_data: v.nullish(v.string()),
      file_id: v.nullish(v.string()),
    }),
  }),
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
  const conversation = conversationOf(request.messages.flatMap(said), { now, continued: false });
  if (!conversation || !request.messages.some(({ role }) => role === "user"))
    throw invalid("Missing user message in `messages`.");
  const session = header(headers, "x-openclaw-session-key");
  const declared = (request.tools ?? []).map((tool) => tool.function);
  return {
    model: request.model,
    agentId,
    sessionKey: sessionOf(agentId, "openai-user", request.user ?? undefined, session),
    ...conversation,
    ...clientTools(declared, request.tool_choice),
    stream: request.stream === true,
    includeUsage: request.stream_options?.include_usage === true,
    temperature: request.temperature ?? undefined,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    backendModel: header(headers, "x-openclaw-model"),
  };
}

function said({ role, content, tool_calls: calls, tool_call_id: id }: Message): Said[] {
  const { text, images } = read(content);
  switch (role) {
    case "user":
      return [{ by: "user", text, images }];
    case "tool":
      return [{ by: "result", id: id ?? "", text }];
    case "assistant": {
      const made = (calls ?? []).map((call): Said => {
        const { name, arguments: args } = call.function;
        return { by: "call", id: call.id, name, args };
      });
      return [{ by: "assistant", text }, ...made];
    }
    default:
      return [{ by: "instructions", text }];
  }
}

function read(content: Message["content"]): ReadContent {
  if (typeof content === "string" || !content) return { text: content ?? "", images: [] };
  return joinContent(
    content.map((part): ReadContent => {
      switch (part.type) {
        case "text":
          return { text: part.text, images: [] };
        case "refusal":
          return { text: part.refusal, images: [] };
        case "image_url":
          return { text: "", images: [inlineImage(part.image_url.url)] };
        default:
          return inlineFile(part.file);
      }
    }),
  );
}
