import { type ContentBlock, type TranscriptMessage, textOf } from "../protocol/messages.ts";
import type { ModelCall, ModelTarget } from "./provider.ts";
import { thinkingOf } from "./thinking.ts";

type Item = Record<string, unknown>;

/** The JSON body of POST /responses. Nothing is kept at the service: the transcript is ours. */
export function encodeRequest(call: ModelCall): string {
  const { target, system, messages, tools, temperature } = call;
  const maxTokens = call.maxTokens ?? target.maxTokens;
  const effort = thinkingOf(target);
  const offersTools = target.compat?.supportsTools !== false && tools.length > 0;
  return JSON.stringify({
    model: target.model,
    ...(system !== "" && { instructions: system }),
    input: messages.flatMap((message) => items(message, target)),
    stream: true,
    store: false,
    ...(offersTools && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: "function",
        name,
        description,
        parameters,
        strict: false,
      })),
      ...(call.mustCall && { tool_choice: "required" }),
    }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(effort && { reasoning: { effort, summary: "auto" } }),
    // Thoughts come encrypted and go back with the next call; other models refuse the word.
    ...((effort || target.reasoning) && { include: ["reasoning.encrypted_content"] }),
  });
}

function items(message: TranscriptMessage, target: ModelTarget): Item[] {
  const asWords = target.compat?.supportsTools === false;
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return [{ role: "user", content: userContent(message, target) }];
    case "assistant":
      return message.content.flatMap((block) => assistantItem(block, message, target));
    case "toolResult": {
      const output = textOf(message) || "(no output)";
      if (asWords) return [{ role: "user", content: `[result of ${message.toolName}]\n${output}` }];
      return [{ type: "function_call_output", call_id: message.toolCallId, output }];
    }
  }
}

function userContent(message: TranscriptMessage, { input }: ModelTarget): unknown {
  const images = message.content.filter((block) => block.type === "image");
  const said = textOf(message);
  if (images.length === 0) return said;
  if (input && !input.includes("image")) {
    return `${said}\n[${images.length} image(s) left out: this model reads text only]`;
  }
  return [
    ...(said === "" ? [] : [{ type: "input_text", text: said }]),
    ...images.map(({ mimeType, data }) => ({
      type: "input_image",
      detail: "auto",
      image_url: `data:${mimeType};base64,${data}`,
    })),
  ];
}

function assistantItem(block: ContentBlock, message: TranscriptMessage, target: ModelTarget): Item[] {
  switch (block.type) {
    case "text":
      return block.text === "" ? [] : [{ role: "assistant", content: block.text }];
    case "toolCall": {
      const input = JSON.stringify(block.arguments);
      if (target.compat?.supportsTools === false) {
        return [{ role: "assistant", content: `[called ${block.name} ${input}]` }];
      }
      return [{ type: "function_call", call_id: block.id, name: block.name, arguments: input }];
    }
    case "thinking":
      return thought(block.thinkingSignature, message, target);
    case "image":
      return [];
  }
}

/** Only the model that thought it can read it. */
function thought(
  signature: string | undefined,
  { provider, model, api }: TranscriptMessage,
  target: ModelTarget,
): Item[] {
  const own = provider === target.provider && model === target.model && api === target.api;
  if (!signature || !own) return [];
  try {
    return [JSON.parse(signature) as Item];
  } catch {
    return [];
  }
}
