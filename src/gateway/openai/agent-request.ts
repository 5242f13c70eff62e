import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import type { ToolDescription } from "../../agent/tool.ts";
import type { ContentBlock, TranscriptMessage } from "../../protocol/messages.ts";
import { isReserved, parseSessionKey } from "../../sessions/keys.ts";
import { statelessKey } from "../../sessions/stateless.ts";
import { HttpRefusal } from "../route.ts";
import { describeIssue } from "../validation.ts";

/** What both OpenAI protocols come down to: one turn of an agent. */
export interface AgentRequest {
  /** As the caller named it; answers repeat it. */
  model: string;
  agentId: string;
  sessionKey: string;
  text: string;
  images: Extract<ContentBlock, { type: "image" }>[];
  /** Instructions and the earlier conversation; undefined where there is none. */
  context: string | undefined;
  /** Declared by the caller, who runs them. */
  clientTools: ToolDescription[];
  /** `tool_choice` asks for a call of one of them. */
  mustCall: boolean;
  /** What came after the text: calls of the caller's tools, and their results. */
  followUp: TranscriptMessage[];
  stream: boolean;
  temperature: number | undefined;
  maxTokens: number | undefined;
  /** Reference "provider/model" from `x-openclaw-model`. */
  backendModel: string | undefined;
}

/** The agents there are, and the one that answers where nobody names one. */
export interface Agents {
  ids: readonly string[];
  defaultId: string;
}

export function parseBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, body, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw invalid(`Invalid request: ${describeIssue(parsed.issues[0])}.`);
}

export const temperature = () => v.nullish(v.pipe(v.number(), v.minValue(0), v.maxValue(2)));
export const tokenLimit = () => v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1)));
export const user = () => v.nullish(v.pipe(v.string(), v.maxLength(256)));

export function agentOf(model: string, fromHeader: string | undefined, { ids, defaultId }: Agents): string {
  const named = /^openclaw(?:[/:](.+))?$/.exec(model);
  if (!named) throw invalid("Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.");
  const wanted = fromHeader ?? (named[1] === "default" ? undefined : named[1]);
  if (wanted === undefined) return defaultId;
  if (!ids.includes(wanted)) throw invalid(`Unknown agent '${wanted.slice(0, 64)}'.`);
  return wanted;
}

/** `kind` stands before the name of a user that has a conversation of their own. */
export function sessionOf(
  agentId: string,
  kind: "openai-user" | "openresponses-user",
  userName: string | undefined,
  fromHeader: string | undefined,
): string {
  if (fromHeader !== undefined) {
    const key = parseSessionKey(fromHeader, agentId);
    if (!key || key.agentId !== agentId)
      throw invalid("`x-openclaw-session-key` is not a session key of this agent.");
    if (isReserved(key))
      throw invalid("`x-openclaw-session-key` cannot use reserved internal session namespaces.");
    return key.text;
  }
  if (userName) return `agent:${agentId}:${kind}:${encodeURIComponent(userName)}`;
  return statelessKey(agentId).text;
}

export const MAX_CLIENT_TOOLS = 128;
export const ClientTool = v.object({
  name: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, _, - or .")),
  description: v.nullish(v.pipe(v.string(), v.maxLength(16_384)), ""),
  parameters: v.nullish(v.record(v.string(), v.unknown())),
});

/** `choice` is the request's `tool_choice`; one that names a tool offers that one alone. */
export function clientTools(
  declared: readonly v.InferOutput<typeof ClientTool>[],
  choice: unknown,
): Pick<AgentRequest, "clientTools" | "mustCall"> {
  const names = new Set(declared.map(({ name }) => name));
  if (names.size < declared.length) throw invalid("`tools` has two tools of the same name.");
  const wanted = toolChoice(choice);
  if (wanted === "none") return { clientTools: [], mustCall: false };
  const offered = typeof wanted === "string" ? declared : declared.filter(({ name }) => name === wanted.name);
  const mustCall = wanted !== "auto";
  if (mustCall && offered.length === 0)
    throw invalid("`tool_choice` asks for a tool that is not among `tools`.");
  const clientTools = offered.map(({ name, description, parameters }) => ({
    name,
    description: description ?? "",
    parameters: parameters ?? { type: "object", properties: {} },
  }));
  return { clientTools, mustCall };
}

const NamedChoice = v.union([
  v.object({ type: v.literal("function"), function: v.object({ name: v.string() }) }),
  v.object({ type: v.literal("function"), name: v.string() }),
]);

function toolChoice(choice: unknown): "auto" | "none" | "required" | { name: string } {
  if (choice === undefined || choice === null) return "auto";
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const named = v.safeParse(NamedChoice, choice);
  if (named.success) return "function" in named.output ? named.output.function : named.output;
  throw invalid(
    '`tool_choice` can be "auto", "none", "required", or {"type":"function", …} with the name of a tool.',
  );
}

export function header(headers: IncomingMessage["headers"], name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function invalid(message: string): HttpRefusal {
  return new HttpRefusal(400, "invalid_request_error", message);
}
