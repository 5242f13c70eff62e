import * as v from "valibot";
import { nearest } from "../nearest.ts";
import { carried, flag, listOf, mapOf, oneOf, open, section, text, wholeNumber } from "./field.ts";

/** Words that stand for several tools. One nobody knows would silently allow, or fail to deny, what it was meant for. */
const GROUPS = "agents automation fs media memory messaging nodes openclaw plugins runtime sessions ui web"
  .split(" ")
  .map((name) => `group:${name}`);

const toolName = () =>
  v.pipe(
    text(256),
    v.check(
      (name) => !name.startsWith("group:") || GROUPS.includes(name),
      ({ input }) => {
        const close = nearest(input, GROUPS);
        return `a known group of tools${close ? ` (did you mean "${close}"?)` : `: ${GROUPS.join(", ")}`}`;
      },
    ),
  );

const toolNames = () => listOf(toolName(), 1024);

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
