import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Long enough for an answer to be read, short and small enough to be worth nothing to who sends without end. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 262_144;

/** Connections whose answer is out: what still comes there is nobody's request, whatever it looks like. */
const lingering = new WeakSet<Duplex>();

export const isLingering = (socket: Duplex): boolean => lingering.has(socket);

/**
 * Takes and forgets what still comes of a refused body, for a moment. Closing on bytes that nobody has read makes the
 * kernel reset the connection, and the reset overtakes the answer (RFC 9112, section 9.6).
 */
export function linger(request: IncomingMessage): Promise<void> {
  lingering.add(request.socket);
  return new Promise((resolve) => {
    let left = LINGER_BYTES;
    const done = () => {
      clearTimeout(timer);
      request.off("data", take);
      request.pause();
      resolve();
    };
    const take = (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) done();
    };
    const timer = setTimeout(done, LINGER_MS);
    request.on("data", take).once("end", done).once("close", done);
  });
}
