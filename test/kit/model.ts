import { createServer, type ServerResponse } from "node:http";

interface ModelRequest {
  messages: { role: string; content: unknown }[];
}

/** An OpenAI-compatible model server that begins each answer and ends it when the test says so. */
export interface HeldModel extends AsyncDisposable {
  /** What it was asked, oldest first. */
  bodies: ModelRequest[];
  /** Resolves when the n-th call has arrived. */
  calls(count: number): Promise<void>;
  /** Ends the oldest answer that is still open. */
  release(): void;
  /** From now on answers are complete at once. */
  answerAtOnce(): void;
  /** Config sections that make it the default model. */
  config: Record<string, unknown>;
}

export async function openHeldModel(): Promise<HeldModel> {
  const bodies: ModelRequest[] = [];
  const arrivals: (() => void)[] = [];
  const open: ServerResponse[] = [];
  let atOnce = false;

  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    bodies.push(JSON.parse(text));
    response.writeHead(200, { "content-type": "text/event-stream" });
    send(response, { content: `answer ${bodies.length}` });
    if (atOnce) finish(response);
    else open.push(response);
    for (const arrived of arrivals.splice(0)) arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };

  return {
    bodies,
    async calls(count) {
      while (bodies.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
    },
    release() {
      const response = open.shift();
      if (response) finish(response);
    },
    answerAtOnce() {
      atOnce = true;
    },
    config: {
      models: {
        providers: {
          held: { baseUrl: `http://127.0.0.1:${port}/v1`, api: "openai-completions", apiKey: "none" },
        },
      },
      agents: { defaults: { model: "held/m" } },
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, delta: object, finishReason: string | null = null): void {
  response.write(
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`,
  );
}

function finish(response: ServerResponse): void {
  send(response, {}, "stop");
  response.end("data: [DONE]\n\n");
}
