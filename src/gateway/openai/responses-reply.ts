import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { PendingCall } from "../../agent/provider.ts";
import type { Usage } from "../../protocol/messages.ts";
import type { TurnOutcome } from "../../turn/outcome.ts";
import { sendJson } from "../respond.ts";
import { type AgentReply, refusalOf } from "./agent-reply.ts";
import type { ResponsesRequest } from "./responses-request.ts";

type Answered = Extract<TurnOutcome, { kind: "answered" }>;
type Item = { id: string; type: string } & Record<string, unknown>;

export function openResponsesReply(
  id: string,
  request: ResponsesRequest,
  response: ServerResponse,
  createdMs: number,
): AgentReply {
  const head = headOf(id, request, createdMs);
  return request.stream ? streamed(head, response) : complete(head, response);
}

function complete(head: Record<string, unknown>, response: ServerResponse): AgentReply {
  return {
    watch() {},
    end(outcome) {
      if (outcome.kind !== "answered") throw refusalOf(outcome);
      const output = [
        ...(outcome.text === "" ? [] : [messageItem(`msg_${randomUUID()}`, outcome.text)]),
        ...outcome.clientCalls.map(callItem),
      ];
      sendJson(response, 200, { ...head, ...closing(outcome, output) });
    },
  };
}

function streamed(head: Record<string, unknown>, response: ServerResponse): AgentReply {
  const messageId = `msg_${randomUUID()}`;
  const place = { item_id: messageId, output_index: 0, content_index: 0 };
  let sequence = 0;
  let said = "";

  function send(type: string, data: Record<string, unknown>): void {
    const event = JSON.stringify({ type, sequence_number: sequence++, ...data });
    response.write(`event: ${type}\ndata: ${event}\n\n`);
  }

  function open(): void {
    if (response.headersSent) return;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      connection: "keep-alive",
    });
    const unfinished = { ...head, status: "in_progress", output: [], usage: null };
    send("response.created", { response: unfinished });
    send("response.in_progress", { response: unfinished });
  }

  function say(delta: string): void {
    if (said === "") {
      const item = { ...messageItem(messageId, ""), status: "in_progress", content: [] };
      send("response.output_item.added", { output_index: 0, item });
      send("response.content_part.added", { ...place, part: textPart("") });
    }
    said += delta;
    send("response.output_text.delta", { ...place, delta, logprobs: [] });
  }

  function closeMessage(): Item[] {
    if (said === "") return [];
    const item = messageItem(messageId, said);
    send("response.output_text.done", { ...place, text: said, logprobs: [] });
    send("response.content_part.done", { ...place, part: textPart(said) });
    send("response.output_item.done", { output_index: 0, item });
    return [item];
  }

  function sendCall(call: PendingCall, output_index: number): Item {
    const item = callItem(call);
    const about = { item_id: item.id, output_index };
    send("response.output_item.added", {
      output_index,
      item: { ...item, status: "in_progress", arguments: "" },
    });
    send("response.function_call_arguments.delta", { ...about, delta: item.arguments });
    send("response.function_call_arguments.done", { ...about, name: call.name, arguments: item.arguments });
    send("response.output_item.done", { output_index, item });
    return item;
  }

  return {
    watch(event) {
      if (event.kind !== "text" || event.delta === "" || response.destroyed) return;
      open();
      say(event.delta);
    },
    end(outcome) {
      if (response.destroyed) return;
      if (outcome.kind !== "answered") {
        const refusal = refusalOf(outcome);
        // Nothing was sent yet: the caller can still get an honest status.
        if (!response.headersSent) throw refusal;
        const error = { code: refusal.type, message: refusal.message };
        send("response.failed", { response: { ...head, status: "failed", error, output: [], usage: null } });
        response.end("data: [DONE]\n\n");
        return;
      }
      open();
      if (said === "" && outcome.text !== "") say(outcome.text);
      const output = closeMessage();
      for (const call of outcome.clientCalls) output.push(sendCall(call, output.length));
      const type = outcome.stopReason === "length" ? "response.incomplete" : "response.completed";
      send(type, { response: { ...head, ...closing(outcome, output) } });
      response.end("data: [DONE]\n\n");
    },
  };
}

/** What every form of the object has; strict clients miss fields that are left out. */
function headOf(
  id: string,
  { model, metadata, previousResponseId, clientTools }: ResponsesRequest,
  createdMs: number,
): Record<string, unknown> {
  return {
    id,
    object: "response",
    created_at: Math.floor(createdMs / 1000),
    status: "completed",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata,
    model,
    parallel_tool_calls: true,
    previous_response_id: previousResponseId ?? null,
    temperature: null,
    tool_choice: "auto",
    tools: clientTools.map((tool) => ({ type: "function", strict: false, ...tool })),
    top_p: null,
  };
}

function closing({ stopReason, usage }: Answered, output: readonly Item[]): Record<string, unknown> {
  const cut = stopReason === "length";
  return {
    ...(cut && { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }),
    output,
    usage: usageOf(usage),
  };
}

function messageItem(id: string, text: string): Item {
  return {
    type: "message",
    id,
    role: "assistant",
    status: "completed",
    phase: "final_answer",
    content: [textPart(text)],
  };
}

function textPart(text: string) {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function callItem({ id, name, input }: PendingCall): Item {
  return {
    type: "function_call",
    id: `fc_${randomUUID()}`,
    call_id: id,
    name,
    arguments: JSON.stringify(input),
    status: "completed",
  };
}

function usageOf({ input, output, cacheRead, cacheWrite, totalTokens }: Usage) {
  return {
    input_tokens: input + cacheRead + cacheWrite,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: totalTokens,
  };
}
