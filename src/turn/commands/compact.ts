import { grouped } from "../../platform/grouped.ts";
import { defineChatCommand } from "../chat-command.ts";
import { compactNow } from "../compact.ts";

export default defineChatCommand({
  name: "compact",
  description: "Keep the older part of this conversation as a summary",
  category: "session",
  when: "in-order",
  needs: "session",
  async run({ turn, services, signal }) {
    const done = await compactNow(turn, services, signal);
    switch (done.kind) {
      case "compacted":
        return `Compacted: about ${grouped(done.tokensBefore)} tokens became ${grouped(done.tokensAfter)}.`;
      case "nothing-to-do":
        return "There is nothing to compact yet.";
      case "aborted":
        return "Stopped: the conversation stays as it was.";
      case "failed":
        return `The conversation stays as it was: ${done.why}`;
    }
  },
});
