import type { ResultOf } from "../../../gateway/method.ts";
import type sessionsCompact from "../../../gateway/methods/sessions/compact.ts";
import { grouped } from "../../../platform/grouped.ts";
import { printable } from "../../../platform/printable.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { findSessionKey, sessionPositional } from "../../session-key-arg.ts";

const { timeout: _, ...connection } = clientOptions;

export default defineCommand({
  summary: "Keep the older part of a conversation as a summary",
  description: [
    "A model writes the summary, which costs a call. The messages themselves stay and can be exported.",
  ],
  positionals: sessionPositional,
  options: {
    ...connection,
    timeout: { type: "duration", bareUnit: "ms", default: 180_000, summary: "how long it may take (3m)" },
  },
  examples: ["openclaw sessions compact main"],
  async run({ session, timeout }, context) {
    const link = await context.connect({ scopes: ["operator.admin"] });
    const key = await findSessionKey(session, link);
    return await link.call<ResultOf<typeof sessionsCompact>>(
      "sessions.compact",
      { key },
      { timeoutMs: timeout },
    );
  },
  render({ key, compacted, tokensBefore, tokensAfter, reason }, { io }) {
    if (compacted)
      io.out(
        `Compacted ${printable(key)}: about ${grouped(tokensBefore!)} tokens became ${grouped(tokensAfter!)}.`,
      );
    else io.out(printable(reason ?? ""));
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
