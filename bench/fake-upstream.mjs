// An OpenAI-compatible model without a model: 50 tokens, no delay, one write per token; the model "slow" waits
// before each of them.
import http from "node:http";

const TOKENS = 50;
const SLOW_MS = 100;
const piece = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "fake", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const pieces = Array.from({ length: TOKENS }, (_, index) => piece({ content: `word${index} ` }));
const usage = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "fake", choices: [], usage: { prompt_tokens: 10, completion_tokens: TOKENS, total_tokens: 10 + TOKENS } })}\n\n`;

http
  .createServer((request, response) => {
    let slow = false;
    request.on("data", (bytes) => {
      slow ||= bytes.includes('"model":"slow"');
    });
    request.on("end", async () => {
      if (request.method === "GET") return response.end("ok");
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const text of pieces) {
        response.write(text);
        if (slow) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      }
      response.write(piece({}, "stop"));
      response.write(usage);
      response.end("data: [DONE]\n\n");
    });
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
