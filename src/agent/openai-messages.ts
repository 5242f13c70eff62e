import { type ContentBlock, type TranscriptMessage, textOf } from "../protocol/messages.ts";
import type { ModelCall, ModelTarget } from "./provider.ts";
import { thinkingOf } from "./thinking.ts";

/** Switches of `models.providers.<p>.models[].compat` that this adapter knows; unknown ones are ignored. */
interface Compat {
  /** Content is always one string; images are left out with a note. */
  requiresStringContent: boolean;
  /** False: tools are not offered, and earlier tool calls appear as text. */
  supportsTools: boolean;
  /** Messages have `role` and `content` and nothing else: earlier tool calls appear as text. */
  strictMessageKeys: boolean;
  /** False: `stream_options` is not sent. */
  supportsUsageInStreaming: boolean;
  maxTokensField: "max_tokens" | "max_completion_tokens";
}

type WireMessage = Record<string, unknown>;

/** The JSON body of POST /chat/completions. */
export function encodeRequest(call: ModelCall): string {
  const { target, system, messages, tools, temperature } = call;
  const compat = readCompat(target);
  const effort = thinkingOf(target);
  const maxTokens = call.maxTokens ?? target.maxTokens;
  const wire: WireMessage[] = system === "" ? [] : [{ role: "system", content: system }];
  for (const message of messages) {
    const encoded = encodeMessage(message, compat);
    if (encoded) wire.push(encoded);
  }
  return JSON.stringify({
    model: target.model,
    messages: wire,
    stream: true,
    ...(compat.supportsUsageInStreaming && { stream_options: { include_usage: true } }),
    // Some servers refuse an empty list.
    ...(compat.supportsTools &&
      tools.length > 0 && {
        tools: tools.map(({ name, description, parameters }) => ({
          type: "function",
          function: { name, description, parameters },
        })),
        ...(call.mustCall && { tool_choice: "required" }),
      }),
    ...(temperature !== undefined && { temperature }),
    ...(effort && { reasoning_effort: effort }),
    ...(maxTokens !== undefined && { [compat.maxTokensField]: maxTokens }),
  });
}

function encodeMessage(message: TranscriptMessage, compat: Compat): WireMessage | undefined {
  switch (message.role) {
    case "user":
      return { role: "user", content: userContent(message, compat) };
    case "assistant":
      return assistant(message, compat);
    case "toolResult": {
      const output = textOf(message) || "(no output)";
      if (asText(compat)) return { role: "user", content: `[result of ${message.toolName}]\n${output}` };
      return { role: "tool", tool_call_id: message.toolCallId, content: output };
    }
    case "system":
      return undefined;
  }
}

/** One string wherever that says it all: every server understands it. */
function userContent(message: TranscriptMessage, compat: Compat): unknown {
  const images = message.content.filter((block) => block.type === "image");
  const said = textOf(message);
  if (images.length === 0) return said;
  if (compat.requiresStringContent)
    return `${said}\n[${images.length} image(s) left out: this model reads text only]`;
  return [
    ...(said === "" ? [] : [{ type: "text", text: said }]),
    ...images.map(({ mimeType, data }) => ({
      type: "image_url",
      image_url: { url: `data:${mimeType};base64,${data}` },
    })),
  ];
}

function assistant(message: TranscriptMessage, compat: Compat): WireMessage {
  const said = textOf(message);
  const calls = message.content.filter((block) => block.type === "toolCall");
  if (calls.length === 0) return { role: "assistant", content: said };
  if (asText(compat)) {
    return { role: "assistant", content: [said, ...calls.map(callAsText)].filter(Boolean).join("\n") };
  }
  return {
    role: "assistant",
    content: said === "" && !compat.requiresStringContent ? null : said,
    tool_calls: calls.map(({ id, name, arguments: input }) => ({
      id,
      type: "function",
      function: { name, arguments: JSON.stringify(input) },
    })),
  };
}

function asText({ supportsTools, strictMessageKeys }: Compat): boolean {
  return !supportsTools || strictMessageKeys;
}

function callAsText({ name, arguments: input }: Extract<ContentBlock, { type: "toolCall" }>): string {
  return `[called ${name} ${JSON.stringify(input)}]`;
}

function readCompat({ compat = {}, input }: ModelTarget): Compat {
  return {
    requiresStringContent:
      compat.requiresStringContent === true || (input && !input.includes("image")) === true,
    strictMessageKeys: compat.strictMessageKeys === true,
    supportsTools: compat.supportsTools !== false,
    supportsUsageInStreaming: compat.supportsUsageInStreaming !== false,
    maxTokensField:
      compat.maxTokensField === "max_completion_tokens" ? "max_completion_tokens" : "max_tokens",
  };
}
