import * as v from "valibot";
import { THINKING_LEVELS } from "../agent/thinking.ts";
import { defaultAgentId } from "../config/agents.ts";
import { GatewayError } from "../protocol/errors.ts";
import { parseSessionKey, type SessionKey } from "../sessions/keys.ts";
import type { GatewayServices } from "./services.ts";

/** Parameters that several methods share. */
export const SessionKeyText = v.pipe(v.string(), v.nonEmpty(), v.maxLength(512));
export const IdempotencyKey = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));

/** An id somebody was given, or a name such as that of a role. */
export const identifier = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));
export const scopeList = v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(128))), v.maxLength(64));

/** How long a run may take, as callers give it; 0 or absent leaves it to the model's own deadlines. */
const MAX_RUN_MS = 24 * 3_600_000;
export const RunTimeoutMs = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_RUN_MS)));
export const RunTimeoutSeconds = v.optional(
  v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_RUN_MS / 1_000)),
);

/** How hard the model thinks. */
export const ThinkingLevel = v.optional(v.picklist(THINKING_LEVELS));

export const HistoryParams = {
  sessionKey: SessionKeyText,
  agentId: v.optional(v.string()),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)), 200),
  offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** `nextCursor` goes on to older messages, `deltaCursor` to what came since. */
  cursor: v.optional(v.pipe(v.string(), v.maxLength(96))),
  sessionId: v.optional(identifier),
  /** Also what was said before the session was reset. */
  all: v.optional(v.boolean(), false),
  maxChars: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
};

export function requireTarget(sessionKey: string, method: string): string {
  if (sessionKey !== "") return sessionKey;
  throw new GatewayError("INVALID_REQUEST", "session mutation target is unavailable", {
    detail: "SESSION_MUTATION_TARGET_REQUIRED",
    details: { method },
  });
}

export function requireIdempotencyKey(key: string, method: string): string {
  if (key !== "" && key.length <= 256) return key;
  const problem =
    key === ""
      ? "must have required property 'idempotencyKey'"
      : "at /idempotencyKey: must NOT have more than 256 characters";
  throw new GatewayError("INVALID_REQUEST", `invalid ${method} params: ${problem}`);
}

/** The conversation with this id. */
export function requireSessionKey(sessionId: string, { turns }: GatewayServices): string {
  const session = turns.store.findById(sessionId);
  if (session) return session.key;
  throw new GatewayError("INVALID_REQUEST", `No session found: ${sessionId.slice(0, 80)}`, {
    hint: "see which there are: openclaw sessions list",
  });
}

/** The canonical key, or a refusal that names what is wrong with the text. */
export function requireKey(
  text: string,
  agentId: string | undefined,
  { loaded }: GatewayServices,
): SessionKey {
  const key = parseSessionKey(text, agentId ?? defaultAgentId(loaded.config));
  if (key) return key;
  throw new GatewayError("INVALID_REQUEST", `"${text.slice(0, 80)}" is not a session key`, {
    hint: "a key is agent:<id>:<name> or a short name without spaces",
  });
}
