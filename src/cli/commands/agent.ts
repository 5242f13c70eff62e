import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import { replyText } from "../reply-text.ts";
import { printFault } from "../report.ts";
import { failureOf, runAgent } from "../run-agent.ts";

const { url, token, password, port } = clientOptions;

export default defineCommand({
  summary: "Send a message to an agent and print its reply",
  description: ["The reply goes to stdout; what the agent does meanwhile goes to stderr when you watch it."],
  options: {
    message: { type: "string", alias: "m", required: true, summary: "what to say" },
    agent: { type: "string", placeholder: "id", summary: "which agent (the default one)" },
    sessionKey: { type: "string", placeholder: "key", summary: "which conversation (main)" },
    sessionId: { type: "string", placeholder: "id", summary: "a conversation by its id" },
    thinking: { type: "string", placeholder: "level", summary: "accepted for older scripts; no effect yet" },
    timeout: {
      type: "duration",
      bareUnit: "s",
      default: 600_000,
      summary: "how long the reply may take, in seconds (600)",
    },
    ...{ url, token, password, port },
  },
  examples: [
    `openclaw agent --message "list files"`,
    `openclaw agent -m "and now?" --session-key work --json`,
  ],
  run: (args, context) => runAgent(args, context),
  render(answer, { io }) {
    const texts = (answer.result?.payloads ?? []).map(({ text }) => text ?? "").filter((text) => text !== "");
    if (texts.length > 0) io.out(replyText(texts.join("\n\n")));
    const failure = failureOf(answer);
    if (failure) printFault(failure, io);
    else if (texts.length === 0) io.note("notice: the agent answered without text");
  },
  exitCode: ({ status }) => (status === "ok" ? 0 : 1),
});
