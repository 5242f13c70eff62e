import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { identifier, requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { noSession } from "../../session-acts.ts";

/** The key of a session that is named in another way: by its id, the beginning of it, or its label. */
export default defineMethod({
  name: "sessions.resolve",
  scope: "operator.read",
  params: v.object({
    key: v.optional(SessionKeyText),
    sessionId: v.optional(identifier),
    shortId: v.optional(v.pipe(v.string(), v.minLength(4), v.maxLength(36))),
    label: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(512))),
    agentId: v.optional(v.string()),
    allowMissing: v.optional(v.boolean(), false),
  }),
  run({ key, sessionId, shortId, label, agentId, allowMissing }, { services }) {
    const { store } = services.turns;
    const named = key ?? sessionId ?? shortId ?? label;
    if (named === undefined) {
      throw new GatewayError(
        "INVALID_REQUEST",
        "invalid sessions.resolve params: one of key, sessionId, shortId, label is needed",
      );
    }
    const found =
      key !== undefined
        ? [store.find(requireKey(key, agentId, services).text)]
        : sessionId !== undefined
          ? [store.findById(sessionId)]
          : store.named({ shortId, label });
    const fitting = found.filter((session) => session && (!agentId || session.agentId === agentId));
    const [session] = fitting;
    if (fitting.length > 1) {
      const candidates = fitting.map((one) => ({ key: one!.key, agentId: one!.agentId }));
      if (allowMissing) return { ok: false as const, candidates };
      throw new GatewayError("INVALID_REQUEST", `several sessions are called ${named}`, {
        details: { candidates },
        hint: "name one by its key",
      });
    }
    if (session) {
      const displayName = session.label ?? session.title;
      return {
        ok: true as const,
        key: session.key,
        agentId: session.agentId,
        ...(displayName && { displayName }),
      };
    }
    if (allowMissing) return { ok: false as const };
    throw noSession(named);
  },
});
