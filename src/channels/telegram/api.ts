import { Api } from "grammy/web";
import { createOutbound, type Deadlines, type Outbound } from "../../platform/outbound.ts";
import { PlatformAnswer } from "./refusals.ts";

type Raw = Api["raw"];
type NoParameters = "getMe" | "getWebhookInfo";

/** grammY's methods with Node's own signals, and never without one. */
export type Calls = {
  [Method in Exclude<keyof Raw, NoParameters>]: (
    payload: Parameters<Raw[Method]>[0],
    signal: AbortSignal,
  ) => ReturnType<Raw[Method]>;
} & { [Method in NoParameters]: (signal: AbortSignal) => ReturnType<Raw[Method]> };

/** The calls of one bot over connections of its own, which end with it. */
export interface BotApi extends Disposable {
  calls: Calls;
  outbound: Outbound;
}

export interface BotApiInput {
  apiRoot: string;
  token: string;
  deadlines: Deadlines;
}

/** An answer that is longer is none of Telegram's. */
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;

/** Nothing is kept of a former connection: every use opens its own sockets. */
export function openBotApi({ apiRoot, token, deadlines }: BotApiInput): BotApi {
  const outbound = createOutbound();
  const send = async (
    url: string,
    init: { headers: Record<string, string>; body: Body; signal: AbortSignal },
  ) => {
    const { headers, body, signal } = init;
    const response = await outbound.request({
      url,
      method: "POST",
      headers,
      body,
      once: true,
      signal,
      deadlines,
    });
    return {
      async json() {
        const text = await response.text(MAX_ANSWER_BYTES);
        const answer = asAnswer(text);
        if (!answer) throw new PlatformAnswer(response.status, text);
        return answer;
      },
    };
  };
  // `baseFetchConfig` is of another fetch; ours takes what it needs.
  const { raw } = new Api(token, { apiRoot, fetch: send as unknown as typeof globalThis.fetch });
  return {
    calls: raw as unknown as Calls,
    outbound,
    [Symbol.dispose]: () => outbound[Symbol.dispose](),
  };
}

type Body = string | AsyncIterable<Uint8Array>;

function asAnswer(text: string): { ok: boolean } | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null && "ok" in answer
      ? (answer as { ok: boolean })
      : undefined;
  } catch {
    return undefined;
  }
}
