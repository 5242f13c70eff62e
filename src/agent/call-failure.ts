import { isRecord } from "../protocol/frames.ts";
import type { CallFailure, ModelTarget, ProviderEvent } from "./provider.ts";

export type FailedFinish = Extract<ProviderEvent, { kind: "finish"; reason: "failed" }>;

export interface ErrorAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  /** Size of the request it answers. */
  sentBytes?: number;
}

/** Of foreign words; our hints come on top. */
const MAX_MESSAGE_CHARS = 500;
const MAX_WITH_HINT_CHARS = 1_000;
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

const OVERFLOW =
  /context[_ ](length|window|size)|maximum context|max(imum)? (prompt|input) length|prompt is too long|input is too long|too many (input )?tokens|reduce the length|exceeds? the (available )?context/i;
const BILLING =
  /insufficient[_ ](quota|balance|funds|credits?)|billing|credit balance|payment required|exceeded your current quota/i;
const LONG_CONTEXT = /extra usage is required for long context|long context beta/i;
const STRING_CONTENT = /invalid type: sequence, expected a string|content.{0,40}(must|should) be a string/i;
const NO_MODEL =
  /model_not_found|not_found_error|(unknown|invalid|no such) model|model\b.*\b(not found|not exist|not available|unknown)/i;
const FILTERED = /content[_ ](policy|filter)|safety|moderation/i;
/** Keys that services print back at the one who sent them, whole or shortened. */
const KEY_LIKE = /\b(?:sk|pk|rk|gsk|xai|key|AIza)[-_A-Za-z0-9*]{12,}/g;

/** An answer other than 2xx. The message reads "HTTP <status>: <type>: <message>" and never holds a key. */
export function classifyAnswer(answer: ErrorAnswer, target: ModelTarget, now: number): FailedFinish {
  const { status, headers, body } = answer;
  if (/^\s*<(!doctype|html)/i.test(body)) return htmlAnswer(status, target);
  const { type, message } = readError(body, status);
  const failure = classify(status, `${type} ${message}`);
  const label = failure === "model-not-found" && !/not_found/.test(type) ? "model_not_found" : type;
  const hint = hintFor({ status, message, sentBytes: answer.sentBytes }, failure, target);
  const retryAfterMs = retryAfter(headers, now);
  const words = withoutSecrets(`HTTP ${status}: ${label}: ${message}`, target, MAX_MESSAGE_CHARS);
  return failed(failure, `${words}${hint}`, target, retryAfterMs);
}

/** An error object inside a stream that began with 200. */
export function classifyInStream(error: unknown, target: ModelTarget): FailedFinish {
  const { type, message } = readErrorObject(error, "error");
  const code = isRecord(error) ? Number(error.code ?? error.status) : Number.NaN;
  const status = Number.isInteger(code) && code >= 400 ? code : statusNamed(type);
  return failed(
    classify(status, `${type} ${message}`),
    `the model's answer broke off: ${type}: ${message}`,
    target,
  );
}

/** Inside a stream there is no status, but the type says which one it would have been. */
function statusNamed(type: string): number {
  if (/rate_?limit/i.test(type)) return 429;
  if (/auth|api_key|permission/i.test(type)) return 401;
  if (/invalid_request|not_found|context_length/i.test(type)) return 400;
  return 500;
}

export function htmlAnswer(status: number, target: ModelTarget): FailedFinish {
  const note = `the answer is a web page, not an API answer; is ${address(target)} the right baseUrl?`;
  return failed("network", `HTTP ${status}: ${note}`, target);
}

export function failed(
  failure: CallFailure,
  message: string,
  target: ModelTarget,
  retryAfterMs?: number,
): FailedFinish {
  return {
    kind: "finish",
    reason: "failed",
    failure,
    message: withoutSecrets(message, target, MAX_WITH_HINT_CHARS),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function classify(status: number, text: string): CallFailure {
  if (LONG_CONTEXT.test(text)) return "long-context-denied";
  if (status === 402 || BILLING.test(text)) return "billing";
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "rate-limit";
  if (status === 408) return "timeout";
  if (status >= 500) return "overloaded";
  if (status < 400) return "network";
  if (OVERFLOW.test(text)) return "context-overflow";
  if (NO_MODEL.test(text)) return "model-not-found";
  if (status === 404 || status === 405) return "network";
  if (FILTERED.test(text)) return "refused";
  return "rejected";
}

/** The way out, where the answer itself says which one it is. */
function hintFor(
  { status, message, sentBytes }: { status: number; message: string; sentBytes: number | undefined },
  failure: CallFailure,
  target: ModelTarget,
): string {
  const { provider, model } = target;
  if (failure === "long-context-denied") {
    return ` (the account has no long context: set params.context1m of ${provider}/${model} to false, buy extra usage, or name another model in agents.defaults.model.fallbacks)`;
  }
  if (failure === "rejected" && STRING_CONTENT.test(message)) {
    return ` (the server reads plain text only: set compat.requiresStringContent of ${provider}/${model} to true, or run: openclaw doctor --fix)`;
  }
  if (failure === "model-not-found") {
    const bare = model.startsWith(`${provider}/`)
      ? `; models[].id is the bare name, without "${provider}/"`
      : "";
    return ` (asked at ${address(target)} for "${model}"${bare}; what it has: curl ${address(target)}/models)`;
  }
  if (status >= 500 && sentBytes !== undefined && sentBytes > 16 * 1024) {
    return ` (the request was ${Math.round(sentBytes / 1024)} KB; if short ones go well, try compat.supportsTools false or shorter workspace files)`;
  }
  if (status < 400) return ` (redirects are not followed; is ${address(target)} the right baseUrl?)`;
  if (failure === "network") return ` (is ${address(target)} the right baseUrl? It usually ends in /v1)`;
  return "";
}

function readError(body: string, status: number): { type: string; message: string } {
  const fallback = `status_${status}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { type: fallback, message: oneLine(body) || "no message" };
  }
  // Google wraps its error in a list.
  const outer = Array.isArray(parsed) ? parsed[0] : parsed;
  return readErrorObject(isRecord(outer) && outer.error ? outer.error : outer, fallback);
}

function readErrorObject(error: unknown, fallback: string): { type: string; message: string } {
  if (typeof error === "string") return { type: fallback, message: oneLine(error) };
  if (!isRecord(error)) return { type: fallback, message: "no message" };
  const type = [error.code, error.type, error.status].find((name) => typeof name === "string" && name !== "");
  const message = error.message ?? error.detail;
  return {
    type: typeof type === "string" ? type : fallback,
    message: oneLine(typeof message === "string" ? message : (JSON.stringify(message) ?? "no message")),
  };
}

/** Milliseconds; a number of seconds or an HTTP date (RFC 9110 §10.2.3). */
function retryAfter(headers: ErrorAnswer["headers"], now: number): number | undefined {
  const exact = Number(headers["retry-after-ms"]);
  if (exact > 0) return Math.min(exact, MAX_RETRY_AFTER_MS);
  const header = headers["retry-after"];
  if (typeof header !== "string") return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return waitMs >= 0 ? Math.min(waitMs, MAX_RETRY_AFTER_MS) : undefined;
}

function withoutSecrets(message: string, { apiKey, headers = {} }: ModelTarget, maxChars: number): string {
  let clean = message;
  for (const secret of [apiKey, ...Object.values(headers)]) {
    if (secret && secret.length >= 6) clean = clean.replaceAll(secret, "***");
  }
  clean = clean.replace(KEY_LIKE, "***");
  return clean.length > maxChars ? `${clean.slice(0, maxChars - 1)}…` : clean;
}

/** Without credentials and query. */
function address({ baseUrl }: ModelTarget): string {
  if (!URL.canParse(baseUrl)) return "the configured address";
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname}`;
}

function oneLine(text: string): string {
  return text
    .slice(0, 4 * MAX_MESSAGE_CHARS)
    .replace(/\s+/g, " ")
    .trim();
}
