import { carried, flag, listOf, mapOf, oneOf, open, section, text, wholeNumber } from "./field.ts";

const toolNames = () => listOf(text(256), 1024);

/** Which tools may be used, globally or by one agent. */
export const toolPolicy = section({
  profile: oneOf(["minimal", "coding", "messaging", "full"]),
  allow: toolNames(),
  alsoAllow: toolNames(),
  deny: toolNames(),
  byProvider: mapOf(open({ allow: toolNames(), alsoAllow: toolNames(), deny: toolNames() })),
  exec: open({
    timeoutSec: wholeNumber(1, 86_400),
    timeoutSeconds: wholeNumber(1, 86_400),
    host: text(64),
    security: text(64),
    ask: text(64),
  }),
  fs: open({ workspaceOnly: flag() }),
  web: open({}),
  ...carried("agentToAgent", "codeMode", "elevated", "experimental", "github", "links", "loopDetection"),
  ...carried("media", "message", "sandbox", "sessions", "sessions_spawn", "subagents", "swarm"),
  ...carried("toolSearch", "toolsBySender", "updatePlan"),
});
