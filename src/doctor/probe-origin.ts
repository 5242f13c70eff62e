import type { ClientRequest } from "node:http";

/** `gateway`: a gateway answers there. */
export type Answer = { kind: "gateway" } | { kind: "other"; reason: string };

const EACH_MS = 1_500;

/** Asks a public address for `/health` and for a WebSocket, as a browser would. Bounded; never throws. */
export async function probeOrigin(
  origin: string,
  signal: AbortSignal,
): Promise<{ page: Answer; socket: Answer }> {
  const [page, socket] = await Promise.all([askPage(origin, signal), askSocket(origin, signal)]);
  return { page, socket };
}

async function askPage(origin: string, signal: AbortSignal): Promise<Answer> {
  const url = new URL("/health", origin);
  const { request } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  return new Promise((resolve) => {
    const asked: ClientRequest = request(url, { agent: false, timeout: EACH_MS, signal }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (body.length < 1_000) body += chunk;
      });
      response.on("end", () =>
        resolve(
          response.statusCode === 200 && body.includes('"status":"live"')
            ? { kind: "gateway" }
            : other(`HTTP ${response.statusCode}`),
        ),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", (error) => resolve(other(error.message)));
    asked.end();
  });
}

/** A gateway speaks first: the challenge comes before anybody has to prove anything. */
async function askSocket(origin: string, signal: AbortSignal): Promise<Answer> {
  const { WebSocket } = await import("ws");
  return new Promise((resolve) => {
    const socket = new WebSocket(origin.replace(/^http/, "ws"), {
      perMessageDeflate: false,
      handshakeTimeout: EACH_MS,
      origin,
    });
    const end = (answer: Answer) => {
      resolve(answer);
      socket.terminate();
    };
    const timer = setTimeout(() => end(other("no answer in time")), EACH_MS);
    socket.on("close", () => clearTimeout(timer));
    socket.on("message", (data) => {
      const isOurs = data.toString().includes('"connect.challenge"');
      end(isOurs ? { kind: "gateway" } : other("something else answers"));
    });
    socket.on("error", ({ message }) => end(other(message)));
    signal.addEventListener("abort", () => end(other("no answer in time")), { once: true });
  });
}

function other(reason: string): Answer {
  return { kind: "other", reason };
}
