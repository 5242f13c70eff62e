import { type ContentBlock, type TranscriptMessage, textOf } from "../protocol/messages.ts";
import type { ModelCall } from "./provider.ts";
import { thinkingOf } from "./thinking.ts";

/** The options of `doStream`, by the version of the specification the model speaks. */
export function encodeOptions(call: ModelCall, version: string): Record<string, unknown> {
  const { target, system, messages, tools, temperature } = call;
  const maxOutputTokens = call.maxTokens ?? target.maxTokens;
  const thinking = thinkingOf(target);
  return {
    prompt: [
      ...(system === "" ? [] : [{ role: "system", content: system }]),
      ...messages.flatMap((message) => encodeMessage(message, version)),
    ],
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        name,
        description,
        inputSchema: parameters,
      })),
      toolChoice: { type: "auto" },
    }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(thinking && version === "v4" && { reasoning: thinking }),
    ...(isOptions(target.params?.providerOptions) && { providerOptions: target.params.providerOptions }),
  };
}

function encodeMessage(message: TranscriptMessage, version: string): Record<string, unknown>[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.content.flatMap((block) => userPart(block, version)) }];
    case "assistant": {
      const content = message.content.flatMap(assistantPart);
      return content.length > 0 ? [{ role: "assistant", content }] : [];
    }
    case "toolResult": {
      const type = message.isError ? "error-text" : "text";
      const output = { type, value: textOf(message) || "(no output)" };
      const { toolCallId, toolName } = message;
      return [{ role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output }] }];
    }
    case "system":
      return [];
  }
}

function userPart(block: ContentBlock, version: string): object[] {
  if (block.type === "text") return [{ type: "text", text: block.text }];
  if (block.type !== "image") return [];
  const data = version === "v4" ? { type: "data", data: block.data } : block.data;
  return [{ type: "file", mediaType: block.mimeType, data }];
}

/** Thoughts stay here: each service signs its own, and no two packages want them back in the same form. */
function assistantPart(block: ContentBlock): object[] {
  if (block.type === "text" && block.text !== "") return [{ type: "text", text: block.text }];
  if (block.type !== "toolCall") return [];
  return [{ type: "tool-call", toolCallId: block.id, toolName: block.name, input: block.arguments }];
}

function isOptions(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
