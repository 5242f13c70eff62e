// An OpenAI-compatible model without a model: 50 tokens, no delay, one write per token.
import http from "node:http";

const TOKENS = 50;
const piece = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "fake", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const pieces = Array.from({ length: TOKENS }, (_, index) => piece({ content: `word${index} ` }));
const usage = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "fake", choices: [], usage: { prompt_tokens: 10, completion_tokens: TOKENS, total_tokens: 10 + TOKENS } })}\n\n`;

http
  .createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.method === "GET") return response.end("ok");
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const text of pieces) response.write(text);
      response.write(piece({}, "stop"));
      response.write(usage);
      response.end("data: [DONE]\n\n");
    });
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
