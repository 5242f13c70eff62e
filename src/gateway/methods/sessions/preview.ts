import * as v from "valibot";
import { textOf } from "../../../protocol/messages.ts";
import { readHistory } from "../../../sessions/history.ts";
import { requireKey, SessionKeyText } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** The last words of several sessions, for a list that shows more than their names. */
export default defineMethod({
  name: "sessions.preview",
  scope: "operator.read",
  params: v.object({
    keys: v.pipe(v.array(SessionKeyText), v.minLength(1), v.maxLength(100)),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 12),
    maxChars: v.optional(v.pipe(v.number(), v.integer(), v.minValue(20), v.maxValue(2_000)), 240),
  }),
  run({ keys, limit, maxChars }, { services }) {
    const { store } = services.turns;
    const previews = keys.map((key) => {
      const session = store.find(requireKey(key, undefined, services).text);
      if (!session) return { key, status: "missing" as const, items: [] };
      const { messages } = readHistory(store.database, { sessionId: session.sessionId, limit });
      const items = messages
        .map((message) => ({ role: message.role, text: shorten(textOf(message), maxChars) }))
        .filter(({ text }) => text !== "");
      return { key, status: items.length > 0 ? ("ok" as const) : ("empty" as const), items };
    });
    return { ts: services.clock.now(), previews };
  },
});

function shorten(text: string, maxChars: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1)}…`;
}
