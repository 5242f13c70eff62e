import { GrammyError, HttpError } from "grammy/web";
import { OutboundError } from "../../platform/outbound.ts";
import { ChannelFault, type FaultKind } from "../channel.ts";
import type { RefusalReason, SendResult } from "../outgoing.ts";
import type { TelegramSettings } from "./accounts.ts";

/** What came is not an answer of the Bot API: a page of some proxy, or half of one. */
export class PlatformAnswer extends Error {
  override readonly name = "PlatformAnswer";
  readonly status: number;

  constructor(status: number, text: string) {
    const what = /^\s*</.test(text) ? "a page instead of an answer" : "an answer that is not JSON";
    super(`HTTP ${status}, ${what}`);
    this.status = status;
  }
}

/** The Bot API's own words, when it answered. */
export function refusalOf(error: unknown): GrammyError | undefined {
  return error instanceof GrammyError ? error : undefined;
}

/** What a call ended with below the Bot API: the network, a deadline, a proxy's page. */
function underneath(error: unknown): unknown {
  return error instanceof HttpError ? error.error : error;
}

/** What ended a poll or a start. */
export function faultOf(error: unknown, method: string, settings: TelegramSettings): ChannelFault {
  const refusal = refusalOf(error);
  if (refusal) return fromRefusal(refusal, settings);
  const cause = underneath(error);
  if (cause instanceof OutboundError) {
    const stalled = ["first-byte", "idle", "total"].includes(cause.phase);
    if (stalled && method === "getUpdates")
      return new ChannelFault("timeout", `polling stall: ${cause.message}`, { cause });
    const kind = stalled || cause.phase === "connect" ? "timeout" : "network";
    return new ChannelFault(kind, cause.message, { cause });
  }
  if (cause instanceof PlatformAnswer) {
    const kind = cause.status >= 500 ? "platform" : "protocol";
    return new ChannelFault(kind, `${method}: ${cause.message}`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ChannelFault("protocol", `${method}: ${message}`, { cause });
}

function fromRefusal(refusal: GrammyError, { path }: TelegramSettings): ChannelFault {
  const { error_code: code, description, parameters } = refusal;
  const text = `${code} ${description}`;
  const fault = (kind: FaultKind, message: string, fix?: string) =>
    new ChannelFault(kind, message, {
      ...(fix !== undefined && { fix }),
      ...(parameters?.retry_after !== undefined && { retryAfterMs: parameters.retry_after * 1_000 }),
      cause: refusal,
    });
  const newToken = `openclaw config set ${path}.botToken <token of @BotFather>`;
  // A token of the wrong shape is answered with "Not Found".
  if (code === 401 || code === 404)
    return fault("auth", `${text}: Telegram does not accept the bot token`, newToken);
  if (code === 403) return fault("forbidden", text, newToken);
  if (code === 409)
    return fault(
      "conflict",
      /webhook/.test(description)
        ? `${text}: another program has set a webhook for this bot`
        : `${text}: another program polls with the same bot token; stop it, or give this gateway a bot of its own`,
      newToken,
    );
  if (code === 429) return fault("rate-limit", text);
  return fault(code >= 500 ? "platform" : "protocol", text);
}

const REFUSED: readonly [RegExp, RefusalReason][] = [
  [
    /chat not found|user not found|PEER_ID_INVALID|thread not found|group chat was (upgraded|deactivated)/i,
    "no-such-chat",
  ],
  [/too long|too big|too large|TOO_BIG/i, "too-large"],
  [
    /not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED|need administrator rights|CHAT_\w+_FORBIDDEN/i,
    "forbidden",
  ],
  [/REACTION_INVALID|message can't be edited/i, "unsupported"],
];

/**
 * What became of a call that changes something. Only a clear answer, or no connection at all, means that it did not
 * happen; an answer that got lost leaves it open.
 */
export function outcomeOf(error: unknown): Exclude<SendResult, { kind: "sent" }> {
  const refusal = refusalOf(error);
  if (refusal) return refusedBy(refusal);
  const cause = underneath(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof OutboundError) {
    const never = cause.phase === "connect" || NEVER_CONNECTED.has(cause.code ?? "");
    return { kind: never ? "failed" : "unknown", message };
  }
  if (cause instanceof PlatformAnswer && cause.status === 413)
    return { kind: "refused", reason: "too-large", message };
  return { kind: "unknown", message };
}

const NEVER_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
]);

function refusedBy({
  error_code: code,
  description,
  parameters,
}: GrammyError): Exclude<SendResult, { kind: "sent" }> {
  const message = `${code}: ${description}`;
  if (code === 429) return { kind: "failed", message, retryAfterMs: (parameters.retry_after ?? 5) * 1_000 };
  // In its bad hours Telegram says 401 to good tokens; the message waits until it has come to.
  if (code === 401 || code === 404 || code === 409) return { kind: "failed", message };
  // It may have been done before it failed.
  if (code >= 500) return { kind: "unknown", message };
  const [, reason = "bad-content"] = REFUSED.find(([pattern]) => pattern.test(description)) ?? [];
  return {
    kind: "refused",
    reason: code === 403 ? "forbidden" : code === 413 ? "too-large" : reason,
    message,
  };
}
