import { type ContentBlock, type TranscriptMessage, textOf } from "../protocol/messages.ts";
import type { ModelCall, ModelTarget } from "./provider.ts";
import { type ThinkingLevel, thinkingOf } from "./thinking.ts";

/** Required by the API; taken where neither the call nor the config says anything. */
const DEFAULT_MAX_TOKENS = 8_192;
const THINKING_TOKENS: Record<ThinkingLevel, number> = {
  minimal: 1_024,
  low: 4_096,
  medium: 10_240,
  high: 20_480,
};
export const REDACTED = "redacted:";

type Block = Record<string, unknown>;
interface Turn {
  role: "user" | "assistant";
  content: Block[];
}

/** The JSON body of POST /v1/messages. */
export function encodeRequest(call: ModelCall): string {
  const { target, system, tools, temperature } = call;
  const offersTools = target.compat?.supportsTools !== false && tools.length > 0;
  const mustCall = offersTools && call.mustCall;
  // Who has to call a tool may not think first: the API refuses both together.
  const level = mustCall ? undefined : thinkingOf(target);
  const budget = level && THINKING_TOKENS[level];
  const answerTokens = call.maxTokens ?? target.maxTokens ?? DEFAULT_MAX_TOKENS;
  return JSON.stringify({
    model: target.model,
    max_tokens: budget ? answerTokens + budget : answerTokens,
    stream: true,
    ...(system !== "" && { system: [{ type: "text", text: system, cache_control: EPHEMERAL }] }),
    messages: turns(call),
    ...(offersTools && {
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: parameters,
      })),
      ...(mustCall && { tool_choice: { type: "any" } }),
    }),
    // With thinking the API takes no temperature.
    ...(budget
      ? { thinking: { type: "enabled", budget_tokens: budget } }
      : temperature !== undefined && { temperature: Math.min(temperature, 1) }),
  });
}

/** What was said so far is read from the cache with the next call: a tenth of its price. */
const EPHEMERAL = { type: "ephemeral" } as const;

/** Roles have to take turns, so neighbours become one; tool results are the user's. */
function turns({ messages, target }: ModelCall): Turn[] {
  const out: Turn[] = [];
  const ids = uniqueIds();
  for (const message of messages) {
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = blocks(message, target, ids);
    if (content.length === 0) continue;
    const last = out.at(-1);
    if (last?.role === role) last.content.push(...content);
    else out.push({ role, content });
  }
  const newest = out.at(-1)?.content.at(-1);
  if (newest) newest.cache_control = EPHEMERAL;
  return out;
}

function blocks(message: TranscriptMessage, target: ModelTarget, ids: WireIds): Block[] {
  const asWords = target.compat?.supportsTools === false;
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return userBlocks(message, target);
    case "assistant":
      return message.content.flatMap((block) => assistantBlock(block, message, target, ids));
    case "toolResult": {
      const output = textOf(message) || "(no output)";
      if (asWords) return [{ type: "text", text: `[result of ${message.toolName}]\n${output}` }];
      return [
        {
          type: "tool_result",
          tool_use_id: ids.of(message.toolCallId ?? ""),
          content: output,
          ...(message.isError && { is_error: true }),
        },
      ];
    }
  }
}

function userBlocks(message: TranscriptMessage, { input }: ModelTarget): Block[] {
  const readsImages = input === undefined || input.includes("image");
  return message.content.flatMap((block): Block[] => {
    if (block.type === "text") return block.text === "" ? [] : [{ type: "text", text: block.text }];
    if (block.type !== "image") return [];
    if (!readsImages) return [{ type: "text", text: "[an image left out: this model reads text only]" }];
    return [{ type: "image", source: { type: "base64", media_type: block.mimeType, data: block.data } }];
  });
}

function assistantBlock(
  block: ContentBlock,
  { provider, model }: TranscriptMessage,
  target: ModelTarget,
  ids: WireIds,
): Block[] {
  if (block.type === "text") return block.text.trim() === "" ? [] : [{ type: "text", text: block.text }];
  if (block.type === "toolCall") {
    if (target.compat?.supportsTools === false) {
      return [{ type: "text", text: `[called ${block.name} ${JSON.stringify(block.arguments)}]` }];
    }
    return [{ type: "tool_use", id: ids.begin(block.id), name: block.name, input: block.arguments }];
  }
  // A thought is only taken back by the model that had it, and only with its signature.
  const own = provider === target.provider && model === target.model && thinkingOf(target) !== undefined;
  if (block.type !== "thinking" || !block.thinkingSignature || !own) return [];
  const { thinking, thinkingSignature: signature } = block;
  if (signature.startsWith(REDACTED)) {
    return [{ type: "redacted_thinking", data: signature.slice(REDACTED.length) }];
  }
  return [{ type: "thinking", thinking, signature }];
}

interface WireIds {
  begin(id: string): string;
  of(id: string): string;
}

/** Other services' ids may hold any character, and some count from 0 in every message; here each is used once. */
function uniqueIds(): WireIds {
  const used = new Set<string>();
  const current = new Map<string, string>();
  return {
    begin(id) {
      const plain = id.replace(/[^\w-]/g, "_").slice(0, 56) || "call";
      let wire = plain;
      for (let again = 2; used.has(wire); again++) wire = `${plain}_${again}`;
      used.add(wire);
      current.set(id, wire);
      return wire;
    },
    of: (id) => current.get(id) ?? id,
  };
}
