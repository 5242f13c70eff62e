import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { newestCompaction } from "../../../sessions/compaction.ts";
import { takeTurn } from "../../../turn/turn.ts";
import { SessionKeyText } from "../../fields.ts";
import { acceptedOrThrow } from "../../intake.ts";
import { defineMethod } from "../../method.ts";
import { announce, requireSession } from "../../session-acts.ts";

/** Keeps the older part of a conversation as a summary, in its turn behind what runs: the command /compact. */
export default defineMethod({
  name: "sessions.compact",
  scope: "operator.admin",
  params: v.object({ key: SessionKeyText, agentId: v.optional(v.string()) }),
  async run({ key, agentId }, { services, connection }) {
    const { turns } = services;
    const session = requireSession(key, agentId, services);
    const recordOf = () => newestCompaction(turns.store.database, session.sessionId);
    const before = recordOf();
    const taken = takeTurn(
      {
        surface: "chat.send",
        runId: randomUUID(),
        sessionKey: session.key,
        agentId: undefined,
        text: "/compact",
        images: [],
        queueMode: "followup",
        model: undefined,
        extraSystemPrompt: undefined,
        commands: { may: "session" },
        originConnId: connection.id,
        resumable: false,
      },
      turns,
    );
    if (taken.kind === "duplicate") throw new Error("a fresh run id was taken before");
    const outcome = await acceptedOrThrow(taken, "sessions.compact").done;
    const record = recordOf();
    const compacted = record !== undefined && record.throughSeq !== before?.throughSeq;
    if (compacted) announce(session, "compact", services);
    const reason =
      outcome.kind === "answered"
        ? outcome.text
        : "error" in outcome
          ? outcome.error
          : `the run was ${outcome.kind}`;
    return {
      ok: outcome.kind === "answered",
      key: session.key,
      compacted,
      ...(compacted && { tokensBefore: record.tokensBefore, tokensAfter: record.tokensAfter }),
      ...(!compacted && { reason }),
    };
  },
});
