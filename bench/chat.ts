import { Agent, request } from "node:http";
import { join } from "node:path";
import type { Figure } from "./figure.ts";
import { freePort, median, rssMb, sleep, startGateway, startServer, TOKEN } from "./process.ts";

const FIRST_TOKEN_ROUNDS = 200;
const CLIENTS = 8;
/** A conversation somebody has had for a while: messages before the first measured turn, and turns measured. */
const LONG_MESSAGES = 200;
const LONG_ROUNDS = 50;
const STREAMS = 100;
const TURNS = 2_000;
const SETTLE_MS = 3_000;

/** What the gateway adds to a model that answers at once. */
export async function benchChat(): Promise<Figure[]> {
  const upstreamPort = await freePort();
  await using upstream = await startServer(
    [join(import.meta.dirname, "fake-upstream.mjs"), String(upstreamPort)],
    upstreamPort,
    "/",
  );
  await using gateway = await startGateway({ upstreamPort: upstream.port });
  await sleep(SETTLE_MS);
  const idleMb = rssMb(gateway.pid);

  const direct: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < FIRST_TOKEN_ROUNDS; round++) {
    direct.push((await complete(upstream.port)).firstMs);
    through.push((await complete(gateway.port)).firstMs);
  }

  const long: number[] = [];
  for (let turn = 0; turn < LONG_MESSAGES / 2; turn++) await complete(gateway.port, LONG);
  for (let round = 0; round < LONG_ROUNDS; round++) long.push((await complete(gateway.port, LONG)).firstMs);

  const streams = Array.from({ length: STREAMS }, () => complete(gateway.port, SLOW));
  let streamingMb = 0;
  const watch = setInterval(() => {
    streamingMb = Math.max(streamingMb, rssMb(gateway.pid));
  }, 100);
  await Promise.all(streams);
  clearInterval(watch);

  const startedAt = performance.now();
  let left = TURNS;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (left-- > 0) await complete(gateway.port);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await sleep(SETTLE_MS);

  return [
    {
      name: "first token over direct upstream",
      value: median(through) - median(direct),
      unit: "ms",
      limit: { kind: "at most", value: 5 },
    },
    {
      name: "the same in a conversation of 200 messages",
      value: median(long) - median(direct),
      unit: "ms",
      limit: { kind: "at most", value: 3 },
    },
    {
      name: "memory with 100 streams",
      value: streamingMb,
      unit: "MB",
      limit: { kind: "at most", value: 200 },
    },
    {
      name: "turns at 8 clients, 50 tokens",
      value: TURNS / seconds,
      unit: "/s",
      limit: { kind: "at least", value: 150 },
    },
    {
      name: "memory after 2,000 turns",
      value: rssMb(gateway.pid),
      unit: "MB",
      against: idleMb,
      limit: { kind: "at most", ratio: 1.5 },
    },
  ];
}

const LONG = { "x-openclaw-session-key": "agent:main:long" };
const SLOW = { "x-openclaw-model": "fake/slow" };
const agent = new Agent({ keepAlive: true, maxSockets: STREAMS });
const body = JSON.stringify({
  model: "openclaw",
  stream: true,
  messages: [{ role: "user", content: "hello" }],
});

/** One streamed turn; milliseconds until the first piece of text. */
function complete(port: number, headers: Record<string, string> = {}): Promise<{ firstMs: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let firstMs: number | undefined;
    let tail = "";
    const call = request(
      {
        host: "127.0.0.1",
        port,
        path: "/v1/chat/completions",
        method: "POST",
        agent,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          if (firstMs === undefined && text.includes('"content"')) firstMs = performance.now() - startedAt;
          tail = text;
        });
        response.on("end", () => {
          if (response.statusCode === 200 && firstMs !== undefined && tail.includes("[DONE]"))
            resolve({ firstMs });
          else reject(new Error(`turn failed with ${response.statusCode}: ${tail.slice(0, 200)}`));
        });
      },
    );
    call.once("error", reject);
    call.end(body);
  });
}
