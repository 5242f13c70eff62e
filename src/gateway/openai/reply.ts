import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { PendingCall } from "../../agent/provider.ts";
import type { Usage } from "../../protocol/messages.ts";
import { sendJson } from "../respond.ts";
import { type AgentReply, refusalOf } from "./agent-reply.ts";
import type { CompletionRequest } from "./request.ts";

export function openReply(
  request: CompletionRequest,
  response: ServerResponse,
  createdMs: number,
): AgentReply {
  const id = `chatcmpl_${randomUUID()}`;
  const created = Math.floor(createdMs / 1000);
  return request.stream ? streamed(id, created, request, response) : complete(id, created, request, response);
}

function complete(
  id: string,
  created: number,
  { model }: CompletionRequest,
  response: ServerResponse,
): AgentReply {
  return {
    watch() {},
    end(outcome) {
      if (outcome.kind !== "answered") throw refusalOf(outcome);
      sendJson(response, 200, {
        id,
        object: "chat.completion",
        created,
        model,
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: outcome.text === "" && outcome.clientCalls.length > 0 ? null : outcome.text,
              ...(outcome.clientCalls.length > 0 && { tool_calls: outcome.clientCalls.map(callOf) }),
            },
            finish_reason: finishReason(outcome.stopReason),
          },
        ],
        usage: usageOf(outcome.usage),
      });
    },
  };
}

function streamed(
  id: string,
  created: number,
  request: CompletionRequest,
  response: ServerResponse,
): AgentReply {
  // The frame around each piece never changes, so it is written once.
  const head = `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model: request.model }).slice(0, -1)},"choices":[`;
  let sentText = false;

  function open(): void {
    if (response.headersSent) return;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      connection: "keep-alive",
    });
    response.write(`${head}{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}\n\n`);
  }

  function piece(delta: string): void {
    sentText = true;
    response.write(
      `${head}{"index":0,"delta":{"content":${JSON.stringify(delta)}},"finish_reason":null}]}\n\n`,
    );
  }

  return {
    watch(event) {
      if (event.kind !== "text" || response.destroyed) return;
      open();
      piece(event.delta);
    },
    end(outcome) {
      if (response.destroyed) return;
      if (outcome.kind !== "answered") {
        const refusal = refusalOf(outcome);
        // Nothing was sent yet: the caller can still get an honest status.
        if (!response.headersSent) throw refusal;
        response.end(
          `data: ${JSON.stringify({ error: { message: refusal.message, type: refusal.type } })}\n\n`,
        );
        return;
      }
      open();
      if (!sentText && outcome.text !== "") piece(outcome.text);
      for (const [index, call] of outcome.clientCalls.entries()) {
        const delta = JSON.stringify({ tool_calls: [{ index, ...callOf(call) }] });
        response.write(`${head}{"index":0,"delta":${delta},"finish_reason":null}]}\n\n`);
      }
      const reason = finishReason(outcome.stopReason);
      response.write(`${head}{"index":0,"delta":{},"finish_reason":"${reason}"}]}\n\n`);
      if (request.includeUsage) {
        response.write(`${head}],"usage":${JSON.stringify(usageOf(outcome.usage))}}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    },
  };
}

function finishReason(reason: "stop" | "length" | "tool-calls"): string {
  return reason === "tool-calls" ? "tool_calls" : reason;
}

function callOf({ id, name, input }: PendingCall) {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

/** OpenAI counts what came from a cache as part of the prompt. */
function usageOf({ input, output, cacheRead, cacheWrite, totalTokens }: Usage) {
  return {
    prompt_tokens: input + cacheRead + cacheWrite,
    completion_tokens: output,
    total_tokens: totalTokens,
    ...(cacheRead > 0 && { prompt_tokens_details: { cached_tokens: cacheRead } }),
  };
}
