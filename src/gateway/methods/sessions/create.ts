import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { defaultAgentId } from "../../../config/agents.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { parseSessionKey } from "../../../sessions/keys.ts";
import { Attachments } from "../../attachments.ts";
import { IdempotencyKey, requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { sendChat } from "../../send-chat.ts";
import { announce, shownSession } from "../../session-acts.ts";
import { patchSession, resolvedModel, SessionPatchFields } from "../../session-patch.ts";

const { label, model, thinkingLevel, category } = SessionPatchFields;

/** A new session, with its name and settings, and its first message where there is one. */
export default defineMethod({
  name: "sessions.create",
  scope: "operator.write",
  params: v.object({
    key: v.optional(SessionKeyText),
    agentId: v.optional(v.string()),
    idempotencyKey: v.optional(IdempotencyKey),
    message: v.optional(v.string()),
    task: v.optional(v.string()),
    attachments: Attachments,
    label,
    model,
    thinkingLevel,
    category,
  }),
  async run(params, context) {
    const { services } = context;
    const { turns, loaded } = services;
    const agentId = (params.agentId ?? defaultAgentId(loaded.config)).toLowerCase();
    const key =
      params.key !== undefined
        ? requireKey(params.key, params.agentId, services)
        : parseSessionKey(`dashboard:${params.idempotencyKey ?? randomUUID()}`, agentId);
    if (!key || !turns.agents().some(({ id }) => id === key.agentId)) {
      throw new GatewayError(
        "INVALID_REQUEST",
        `Agent "${key?.agentId ?? agentId}" no longer exists in configuration`,
        {
          detail: "UNKNOWN_AGENT_ID",
          details: { agentId: key?.agentId ?? agentId },
          hint: "see which there are: openclaw agents list",
        },
      );
    }
    const isNew = turns.store.find(key.text) === undefined;
    const session = turns.store.database.transaction(() => turns.store.ensure(key), { durable: true });
    let entry = session;
    try {
      entry = await patchSession(session, params, services);
    } catch (error) {
      // A wish that cannot be met leaves nothing behind.
      if (isNew) (await import("../../../sessions/change.ts")).removeSession(turns.store, session);
      throw error;
    }
    if (isNew) announce(entry, "create", services);
    const text = params.message ?? params.task;
    const sent =
      text === undefined
        ? undefined
        : sendChat(
            {
              method: "sessions.create",
              sessionKey: key.text,
              message: text,
              idempotencyKey: params.idempotencyKey ?? randomUUID(),
              attachments: params.attachments,
            },
            context,
          );
    return {
      ok: true,
      key: entry.key,
      sessionId: entry.sessionId,
      entry: { ...shownSession(entry, services) },
      runStarted: sent !== undefined,
      ...(sent && { runId: sent.runId }),
      resolved: await resolvedModel(entry, services),
    };
  },
});
