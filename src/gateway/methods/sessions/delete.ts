import * as v from "valibot";
import { defaultAgentId } from "../../../config/agents.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { removeSession } from "../../../sessions/change.ts";
import { identifier, requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";
import { announce, endRuns, requireSame } from "../../session-acts.ts";

/** Removes a session with all its messages; with `deleteTranscript: false` they are written to a file first. */
export default defineMethod({
  name: "sessions.delete",
  scope: "operator.admin",
  params: v.object({
    key: SessionKeyText,
    agentId: v.optional(v.string()),
    deleteTranscript: v.optional(v.boolean(), true),
    expectedSessionId: v.optional(identifier),
    expectedLifecycleRevision: v.optional(identifier),
    expectedSessionUpdatedAt: v.optional(v.number()),
    archivedOnly: v.optional(v.boolean(), false),
  }),
  async run(params, { services }) {
    const { turns, loaded, paths, clock } = services;
    const key = requireKey(params.key, params.agentId, services).text;
    if (key === `agent:${defaultAgentId(loaded.config)}:main`) {
      throw new GatewayError("INVALID_REQUEST", `Cannot delete the main session (${key}).`, {
        hint: "begin it anew instead: sessions.reset",
      });
    }
    const session = turns.store.find(key);
    if (!session) return { ok: true as const, key, deleted: false, archived: [] };
    requireSame(session, {
      sessionId: params.expectedSessionId,
      revision: params.expectedLifecycleRevision,
      updatedAt: params.expectedSessionUpdatedAt,
    });
    if (params.archivedOnly && session.archivedAt === undefined) {
      throw new GatewayError("INVALID_REQUEST", `session ${key} is not archived`);
    }
    await endRuns(session, "session deleted", services);
    const archived: string[] = [];
    if (!params.deleteTranscript) {
      const { archiveTranscript } = await import("../../archive-transcript.ts");
      archived.push(await archiveTranscript(turns.store, session, paths, clock));
      // Writing took a while, and what came meanwhile is not in the file.
      await endRuns(session, "session deleted", services);
    }
    removeSession(turns.store, session);
    announce(session, "delete", services);
    return { ok: true as const, key, deleted: true, archived };
  },
});
