import { createParser } from "eventsource-parser";
import type { ReplyReader } from "./reply-reader.ts";

/** Takes the bytes of an answer apart. */
export interface BodyFeed {
  take(bytes: Uint8Array): void;
  /** The body is over. */
  end(): void;
  /** Grows with each whole event or comment: a drip of single bytes is no sign of life. */
  readonly signs: number;
}

/** Bytes without a complete event among them. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;
const MAX_WHOLE_CHARS = 16 * 1024 * 1024;

/** Server-sent events, one chunk of the reply in each. */
export function eventStream(reply: ReplyReader): BodyFeed {
  let pendingBytes = 0;
  let signs = 0;
  /** The parser reads a line from its beginning with every piece; a long one would take the square of its length. */
  let cutLine: string[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent({ data }) {
      signs++;
      pendingBytes = 0;
      reply.take(data);
    },
    // Some services send comments while the model is being loaded or has a queue before it.
    onComment() {
      signs++;
      pendingBytes = 0;
    },
  });
  return {
    get signs() {
      return signs;
    },
    take(bytes) {
      pendingBytes += bytes.length;
      const text = decoder.decode(bytes, { stream: true });
      const lineEnd = text.lastIndexOf("\n") + 1;
      if (lineEnd === 0) cutLine.push(text);
      else {
        parser.feed(cutLine.join("") + text.slice(0, lineEnd));
        cutLine = lineEnd === text.length ? [] : [text.slice(lineEnd)];
      }
      if (pendingBytes > MAX_EVENT_BYTES) reply.giveUp(`more than ${MAX_EVENT_BYTES} bytes without an event`);
    },
    end() {
      // Some servers close without the empty line that ends the last event.
      parser.feed(`${cutLine.join("")}${decoder.decode()}\n\n`);
    },
  };
}

/** A server that does not stream, or one that streams under the wrong content type. */
export function wholeBody(reply: ReplyReader): BodyFeed {
  const decoder = new TextDecoder();
  let body = "";
  return {
    // One document: each piece is as good as another.
    get signs() {
      return body.length;
    },
    take(bytes) {
      body += decoder.decode(bytes, { stream: true });
      if (body.length > MAX_WHOLE_CHARS) reply.giveUp(`an answer of more than ${MAX_WHOLE_CHARS} characters`);
    },
    end() {
      body += decoder.decode();
      if (!/^\s*(data|event|id|:)/.test(body)) {
        reply.take(body);
        return;
      }
      const events = eventStream(reply);
      events.take(Buffer.from(body));
      events.end();
    },
  };
}
