import type { Agent } from "node:http";
import { type CallInput, call, isStream, type OutboundResponse, StaleConnection } from "./outbound-call.ts";
import { type Deadlines, watchDeadlines } from "./outbound-deadlines.ts";
import { networkError, OutboundError } from "./outbound-error.ts";
import { parseTarget } from "./outbound-target.ts";

export { type Deadlines, OutboundError, type OutboundResponse };

export interface OutboundRequest {
  /** http or https. */
  url: string;
  /** Default POST with a body, else GET. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes, in chunks; its deadline for the first byte begins anew with each piece. */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Must not happen twice: no further try either when a kept connection was cut. */
  once?: true;
  signal: AbortSignal;
  deadlines: Deadlines;
}

/**
 * The only HTTP client. Follows no redirects, knows no proxy, keeps no cookies and retries nothing, except once
 * when a kept connection was cut before a byte of the answer came. The body of every response has to be
 * read or discarded; until then, or until the total deadline, its connection stays taken.
 */
export interface Outbound extends Disposable {
  /** Resolves at the head of the answer, whatever its status; rejects with `OutboundError`. */
  request(request: OutboundRequest): Promise<OutboundResponse>;
}

const MAX_IDLE_SOCKETS_PER_HOST = 16;
/** Shorter than what common servers keep an idle connection for. */
const IDLE_SOCKET_MS = 4_000;

/** `maxSocketsPerHost` defaults to 64; further requests wait for a free one within their connect deadline. */
export function createOutbound(options: { maxSocketsPerHost?: number } = {}): Outbound {
  const agents = new Map<boolean, Agent>();
  let closed = false;

  /** TLS costs 7 ms and 7 MB to load, so it waits for the first https request. */
  function agentFor(secure: boolean): Agent {
    const known = agents.get(secure);
    if (known) return known;
    const { Agent } = process.getBuiltinModule(secure ? "node:https" : "node:http");
    const agent = new Agent({
      keepAlive: true,
      maxSockets: options.maxSocketsPerHost ?? 64,
      maxFreeSockets: MAX_IDLE_SOCKETS_PER_HOST,
      timeout: IDLE_SOCKET_MS,
    });
    agents.set(secure, agent);
    return agent;
  }

  async function attempt(input: Omit<CallInput, "agent">, once: boolean): Promise<OutboundResponse> {
    try {
      return await call({ ...input, agent: agentFor(input.target.secure) });
    } catch (error) {
      if (!(error instanceof StaleConnection) || closed) throw error;
      if (once || isStream(input.body)) throw error.cause;
      return await call({ ...input, agent: false });
    }
  }

  return {
    async request({ url, method, headers = {}, body, once = false, signal, deadlines }) {
      if (closed) throw new OutboundError("network", "the outbound client is closed");
      const target = parseTarget(url);
      const watch = watchDeadlines(target.host, deadlines, signal);
      try {
        if (watch.failure) throw watch.failure;
        return await attempt(
          { target, method: method ?? (body ? "POST" : "GET"), headers, body, watch },
          once,
        );
      } catch (error) {
        watch[Symbol.dispose]();
        throw networkError(error, target.host);
      }
    },
    [Symbol.dispose]() {
      closed = true;
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
