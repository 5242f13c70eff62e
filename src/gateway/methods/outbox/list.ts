import * as v from "valibot";
import { outboxEntry } from "../../../sessions/outbox-entry.ts";
import { deskIfAny } from "../../channels/ask-desk.ts";
import { identifier } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Messages to chats with their fate, newest first. */
export default defineMethod({
  name: "outbox.list",
  scope: "operator.read",
  params: v.object({
    channel: v.optional(identifier),
    accountId: v.optional(identifier),
    state: v.optional(v.picklist(["queued", "sending", "sent", "failed", "unknown"])),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 50),
  }),
  async run(query, { services }) {
    const desk = await deskIfAny(services);
    return { ts: services.clock.now(), messages: (desk?.outbox.list(query) ?? []).map(outboxEntry) };
  },
});
