import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One answer of a model server that misbehaves. */
export type Answer = (response: ServerResponse, request: ModelRequest) => void | Promise<void>;

export interface ModelRequest {
  path: string;
  headers: IncomingMessage["headers"];
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies as a foreign server would
  body: any;
}

/** A model server on a real port that answers each call as it is told. */
export interface FaultModel extends AsyncDisposable {
  /** What it was asked, oldest first. */
  requests: ModelRequest[];
  /** `http://127.0.0.1:<port>/v1` */
  baseUrl: string;
  /** Connections that were cut by the other side. */
  goneAt: number[];
  answer: Answer;
  /** Config sections that make `fault/m` the default model; `provider` and `model` are laid over it. */
  config(
    provider?: Record<string, unknown>,
    model?: Record<string, unknown>,
    fallbacks?: string[],
  ): Record<string, unknown>;
}

export async function openFaultModel(answer: Answer): Promise<FaultModel> {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const asked = {
      path: request.url!,
      headers: request.headers,
      text,
      body: text === "" ? {} : JSON.parse(text),
    };
    model.requests.push(asked);
    response.on("close", () => void (!response.writableFinished && model.goneAt.push(Date.now())));
    await model.answer(response, asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const model: FaultModel = {
    requests: [],
    baseUrl,
    goneAt: [],
    answer,
    config: (provider, entry, fallbacks = []) => ({
      models: {
        providers: {
          fault: {
            baseUrl,
            api: "openai-completions",
            apiKey: "SEC-key-fault",
            models: [{ id: "m", ...entry }],
            ...provider,
          },
        },
      },
      agents: { defaults: { model: { primary: "fault/m", fallbacks } } },
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return model;
}

/** Answers in turn; the last one stays. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let at = 0;
  return (response, request) => answers[Math.min(at++, answers.length - 1)]!(response, request);
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

export function html(status: number): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end("<!doctype html><html><h1>No entry</h1></html>");
  };
}

/** A chat completion that goes well. */
export function says(...words: string[]): Answer {
  return (response) => {
    begin(response);
    for (const word of words) response.write(chunk({ content: word }));
    response.write(chunk({}, "stop"));
    response.write(
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: words.length, total_tokens: 7 + words.length } })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
  };
}

export function begin(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

export function chunk(delta: Record<string, unknown>, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** One event of the Anthropic or the Responses protocol. */
export function event(data: { type: string } & Record<string, unknown>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Raw pieces, one after the other. */
export function pieces(...parts: (string | Uint8Array)[]): Answer {
  return (response) => {
    begin(response);
    for (const part of parts) response.write(part);
    response.end();
  };
}

/** Never says a word. */
export const stalls: Answer = () => {};

/** Its head, the pieces, and then nothing any more. */
export function stallsAfter(...parts: string[]): Answer {
  return (response) => {
    begin(response);
    for (const part of parts) response.write(part);
    response.flushHeaders();
  };
}

/** One byte of an endless event now and then, until the other side goes. */
export function drips(everyMs: number): Answer {
  return (response) => {
    begin(response);
    response.write("data: ");
    const timer = setInterval(() => response.write("x"), everyMs);
    response.on("close", () => clearInterval(timer));
  };
}

export function resetsAfter(...parts: string[]): Answer {
  return (response) => {
    begin(response);
    for (const part of parts) response.write(part);
    // Behind what was written, so that it arrives first.
    setImmediate(() => response.socket?.resetAndDestroy());
  };
}
