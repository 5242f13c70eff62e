import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { RunEvent } from "../../agent/loop.ts";
import type { Usage } from "../../protocol/messages.ts";
import type { TurnOutcome } from "../../turn/outcome.ts";
import { sendJson } from "../respond.ts";
import { HttpRefusal } from "../route.ts";
import type { CompletionRequest } from "./request.ts";

/** How a turn becomes an OpenAI answer: all at once, or piece by piece. */
export interface CompletionReply {
  watch(event: RunEvent): void;
  end(outcome: TurnOutcome): void;
}

export function openReply(
  request: CompletionRequest,
  response: ServerResponse,
  createdMs: number,
): CompletionReply {
  const id = `chatcmpl_${randomUUID()}`;
  const created = Math.floor(createdMs / 1000);
  return request.stream ? streamed(id, created, request, response) : complete(id, created, request, response);
}

function complete(
  id: string,
  created: number,
  { model }: CompletionRequest,
  response: ServerResponse,
): CompletionReply {
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
            message: { role: "assistant", content: outcome.text },
            finish_reason: outcome.stopReason,
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
): CompletionReply {
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
      response.write(`${head}{"index":0,"delta":{},"finish_reason":"${outcome.stopReason}"}]}\n\n`);
      if (request.includeUsage) {
        response.write(`${head}],"usage":${JSON.stringify(usageOf(outcome.usage))}}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    },
  };
}

const STATUS_OF_FAILURE: Record<string, number> = {
  "rate-limit": 429,
  overloaded: 503,
  timeout: 504,
  "long-context-denied": 429,
  "context-overflow": 400,
  "model-not-found": 400,
  internal: 500,
  storage: 503,
};

function refusalOf(outcome: Exclude<TurnOutcome, { kind: "answered" }>): HttpRefusal {
  switch (outcome.kind) {
    case "failed": {
      const status = STATUS_OF_FAILURE[outcome.failure] ?? 502;
      const type =
        outcome.failure === "internal" || outcome.failure === "storage" ? "internal_error" : "upstream_error";
      const seconds = outcome.retryAfterMs === undefined ? undefined : Math.ceil(outcome.retryAfterMs / 1000);
      return new HttpRefusal(
        status,
        type,
        outcome.error,
        seconds === undefined ? {} : { "retry-after": String(seconds) },
      );
    }
    case "put-back":
      return new HttpRefusal(503, "unavailable", "The gateway is stopping.", { "retry-after": "2" });
    case "aborted":
      return new HttpRefusal(503, "aborted", `The turn was aborted (${outcome.reason}).`);
    case "merged":
      return new HttpRefusal(409, "merged", `The message was answered together with run ${outcome.into}.`);
  }
}

function usageOf(usage: Usage): { prompt_tokens: number; completion_tokens: number; total_tokens: number } {
  return { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.totalTokens };
}
