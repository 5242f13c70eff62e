import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import { replyText } from "../reply-text.ts";
import { printFault } from "../report.ts";
import { failureOf, runAgent } from "../run-agent.ts";

const { url, token, password, port } = clientOptions;

export default defineCommand({
  summary: "Send a message to an agent and print its reply",
  description: [
    "The reply goes to stdout as it comes; what the agent does meanwhile goes to stderr when you watch it.",
    "With --local no gateway has to run: one is started for this message and stopped after it.",
  ],
  options: {
    message: { type: "string", alias: "m", required: true, summary: "what to say" },
    agent: { type: "string", placeholder: "id", summary: "which agent (the default one)" },
    sessionKey: {
      type: "string",
      placeholder: "key",
      otherNames: ["session"],
      summary: "which conversation (main)",
    },
    sessionId: { type: "string", placeholder: "id", summary: "a conversation by its id" },
    model: { type: "string", placeholder: "provider/model", summary: "another model for this message" },
    thinking: {
      type: "choice",
      values: ["off", "minimal", "low", "medium", "high", "xhigh", "max"],
      summary: "how hard the model thinks, for this message",
    },
    local: { type: "boolean", summary: "start a gateway for this message where none runs" },
    timeout: {
      type: "duration",
      bareUnit: "s",
      default: 600_000,
      summary: "how long the reply may take, in seconds (600)",
    },
    json: { type: "boolean", summary: "print the data as JSON" },
    ...{ url, token, password, port },
  },
  examples: [
    `openclaw agent --message "list files"`,
    `openclaw agent -m "and now?" --session work --json`,
    `openclaw agent --local --model openai/gpt-5.5 -m "hello"`,
  ],
  run: (args, context) => runAgent(args, context),
  render({ streamed, ...answer }, { io }) {
    const texts = (answer.result?.payloads ?? []).map(({ text }) => text ?? "").filter((text) => text !== "");
    if (texts.length > 0 && !streamed) io.out(replyText(texts.join("\n\n")));
    const failure = failureOf(answer);
    if (failure) printFault(failure, io);
    else if (texts.length === 0) io.note("notice: the agent answered without text");
  },
  exitCode: ({ status }) => (status === "ok" ? 0 : 1),
});
