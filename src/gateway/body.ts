import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./route.ts";

/** In each such span at least so much has to come: silence and drops end alike, an hour of them never begins (DOS-11). */
const SPAN_MS = 10_000;
const MIN_BYTES_PER_SPAN = 10_000;

/** Reads at most `maxBytes`; what announces more is refused before a byte is read. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (request.headers["content-encoding"] !== undefined) {
    throw new HttpRefusal(415, "invalid_request_error", "Compressed bodies are not accepted.");
  }
  const type = request.headers["content-type"] ?? "application/json";
  if (!/^application\/(json|[\w.+-]+\+json)\b/i.test(type)) {
    throw new HttpRefusal(415, "invalid_request_error", "Content-Type must be application/json.");
  }
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);

  const chunks: Buffer[] = [];
  let size = 0;
  let before = 0;
  const pace = setInterval(() => {
    if (size - before < MIN_BYTES_PER_SPAN)
      request.destroy(new HttpRefusal(408, "timeout", "The body did not arrive in time."));
    before = size;
  }, SPAN_MS);
  try {
    // A reader that gives up must not take the connection with it: the answer goes the same way.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } finally {
    clearInterval(pace);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new HttpRefusal(
      400,
      "invalid_request_error",
      `Request body is not valid JSON${placeOf(cause as Error)}.`,
    );
  }
}

/** The parser shows a piece of the text; what stands there may be a secret, and this goes into the log. */
function placeOf({ message }: Error): string {
  const [, position] = /\bposition (\d+)/.exec(message) ?? [];
  return position === undefined ? "" : ` at position ${position}`;
}

function tooLarge(maxBytes: number): HttpRefusal {
  return new HttpRefusal(413, "invalid_request_error", `Request body is larger than ${maxBytes} bytes.`);
}
