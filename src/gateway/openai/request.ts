import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import type { ContentBlock } from "../../protocol/messages.ts";
import { isReserved, parseSessionKey } from "../../sessions/keys.ts";
import { statelessKey } from "../../sessions/stateless.ts";
import { HttpRefusal } from "../route.ts";
import { describeIssue } from "../validation.ts";

/** A chat completion request, reduced to what one turn needs. */
export interface CompletionRequest {
  /** As the caller named it; answers repeat it. */
  model: string;
  agentId: string;
  sessionKey: string;
  text: string;
  images: Extract<ContentBlock, { type: "image" }>[];
  /** System messages and the earlier conversation; undefined where there is none. */
  context: string | undefined;
  stream: boolean;
  includeUsage: boolean;
  temperature: number | undefined;
  maxTokens: number | undefined;
  /** Reference "provider/model" from `x-openclaw-model`. */
  backendModel: string | undefined;
}

const Part = v.variant("type", [
  v.object({ type: v.literal("text"), text: v.string() }),
  v.object({ type: v.literal("image_url"), image_url: v.object({ url: v.string() }) }),
]);

const Body = v.object({
  model: v.optional(v.string(), "openclaw"),
  messages: v.pipe(
    v.array(
      v.object({
        role: v.picklist(["system", "developer", "user", "assistant", "tool"]),
        content: v.nullish(v.union([v.string(), v.array(Part)]), ""),
      }),
    ),
    v.maxLength(2_000),
  ),
  stream: v.nullish(v.boolean(), false),
  stream_options: v.nullish(v.object({ include_usage: v.optional(v.boolean(), false) })),
  temperature: v.nullish(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  max_tokens: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
  max_completion_tokens: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
  n: v.nullish(v.pipe(v.number(), v.maxValue(1))),
  user: v.nullish(v.pipe(v.string(), v.maxLength(256))),
  tools: v.nullish(v.array(v.unknown())),
});
type Body = v.InferOutput<typeof Body>;

export function parseCompletion(
  body: unknown,
  headers: IncomingMessage["headers"],
  agentIds: readonly string[],
  defaultAgentId: string,
): CompletionRequest {
  const parsed = v.safeParse(Body, body, { abortEarly: true });
  if (!parsed.success) throw invalid(`Invalid request: ${describeIssue(parsed.issues[0])}.`);
  const request = parsed.output;
  if (request.tools && request.tools.length > 0) {
    throw invalid(
      "`tools` declared by the client are not supported by this version; the agent works with its own tools.",
    );
  }
  const agentId = agentOf(request.model, header(headers, "x-openclaw-agent-id"), agentIds, defaultAgentId);
  const last = request.messages.findLastIndex((message) => message.role === "user");
  const question = request.messages[last];
  if (!question) throw invalid("Missing user message in `messages`.");
  const { text, images } = readContent(question.content);
  return {
    model: request.model,
    agentId,
    sessionKey: sessionOf(agentId, request.user ?? undefined, header(headers, "x-openclaw-session-key")),
    text,
    images,
    context: contextOf(request.messages.toSpliced(last, 1)),
    stream: request.stream === true,
    includeUsage: request.stream_options?.include_usage === true,
    temperature: request.temperature ?? undefined,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    backendModel: header(headers, "x-openclaw-model"),
  };
}

function agentOf(
  model: string,
  fromHeader: string | undefined,
  agentIds: readonly string[],
  defaultAgentId: string,
): string {
  const named = /^openclaw(?:[/:](.+))?$/.exec(model);
  if (!named) throw invalid("Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.");
  const wanted = fromHeader ?? (named[1] === "default" ? undefined : named[1]);
  if (wanted === undefined) return defaultAgentId;
  if (!agentIds.includes(wanted)) throw invalid(`Unknown agent '${wanted.slice(0, 64)}'.`);
  return wanted;
}

function sessionOf(agentId: string, user: string | undefined, fromHeader: string | undefined): string {
  if (fromHeader !== undefined) {
    const key = parseSessionKey(fromHeader, agentId);
    if (!key || key.agentId !== agentId)
      throw invalid("`x-openclaw-session-key` is not a session key of this agent.");
    if (isReserved(key))
      throw invalid("`x-openclaw-session-key` cannot use reserved internal session namespaces.");
    return key.text;
  }
  if (user) return `agent:${agentId}:openai-user:${encodeURIComponent(user)}`;
  return statelessKey(agentId).text;
}

type Content = Body["messages"][number]["content"];

function readContent(content: Content): { text: string; images: CompletionRequest["images"] } {
  if (typeof content === "string" || !content) return { text: content ?? "", images: [] };
  const images: CompletionRequest["images"] = [];
  const texts: string[] = [];
  for (const part of content) {
    if (part.type === "text") texts.push(part.text);
    else images.push(inlineImage(part.image_url.url));
  }
  return { text: texts.join("\n"), images };
}

/** Only data inside the request: an address to fetch would let a caller send the gateway anywhere (HTTP-01). */
function inlineImage(url: string): CompletionRequest["images"][number] {
  const match = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/.exec(url);
  if (!match) throw invalid("`image_url` takes data URLs only (png, jpeg, gif or webp, base64).");
  return { type: "image", mimeType: match[1]!, data: match[2]! };
}

/** The agent has one session per call; what the client remembers is handed over as text. */
function contextOf(messages: Body["messages"]): string | undefined {
  const instructions = messages
    .filter(({ role }) => role === "system" || role === "developer")
    .map(({ content }) => readContent(content).text);
  const earlier = messages
    .filter(({ role }) => role === "user" || role === "assistant")
    .map(({ role, content }) => `${role === "user" ? "User" : "Assistant"}: ${readContent(content).text}`);
  const history = earlier.length > 0 ? `The conversation so far:\n\n${earlier.join("\n\n")}` : "";
  const context = [...instructions, history].filter((part) => part !== "").join("\n\n");
  return context === "" ? undefined : context;
}

function header(headers: IncomingMessage["headers"], name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(message: string): HttpRefusal {
  return new HttpRefusal(400, "invalid_request_error", message);
}
