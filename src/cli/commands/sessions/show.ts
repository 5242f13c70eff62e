import { printable } from "../../../platform/printable.ts";
import type { SessionRow } from "../../../protocol/entities.ts";
import type { StoredMessage } from "../../../protocol/messages.ts";
import { textOf } from "../../../protocol/messages.ts";
import { clientOptions } from "../../client-options.ts";
import { columns } from "../../columns.ts";
import { defineCommand } from "../../command.ts";
import { paint } from "../../io.ts";
import { replyText } from "../../reply-text.ts";
import { findSessionKey, sessionPositional } from "../../session-key-arg.ts";

interface Page {
  sessionKey: string;
  messages: StoredMessage[];
  totalMessages: number;
  hasMore: boolean;
  sessionInfo?: SessionRow;
}

export default defineCommand({
  summary: "Show one conversation and its newest messages",
  positionals: sessionPositional,
  options: {
    limit: { type: "number", min: 1, max: 1_000, default: 20, summary: "how many messages" },
    maxChars: { type: "number", min: 1, max: 500_000, default: 4_000, summary: "of each message at most" },
    ...clientOptions,
  },
  examples: ["openclaw sessions show main", "openclaw sessions show agent:main:main --limit 5 --json"],
  async run({ session, limit, maxChars, timeout }, context) {
    const connection = await context.connect({ scopes: ["operator.read"] });
    const sessionKey = await findSessionKey(session, connection);
    return await connection.call<Page>(
      "chat.history",
      { sessionKey, limit, maxChars },
      { timeoutMs: timeout },
    );
  },
  render({ sessionInfo, messages, totalMessages, hasMore }, { io }) {
    const { bold, dim } = paint(io.color.out);
    if (sessionInfo)
      for (const line of columns(factsOf(sessionInfo, totalMessages), "")) io.out(printable(line));
    for (const message of messages) {
      const { id, runId } = message.__openclaw;
      const at = new Date(message.timestamp).toISOString();
      io.out(`\n${bold(message.role)}  ${dim(`${at}  ${runId ? `run ${runId}` : `message ${id}`}`)}`);
      const said = bodyOf(message);
      if (said !== "") io.out(replyText(said));
    }
    if (hasMore)
      io.note(
        `\nnotice: the newest ${messages.length} of ${totalMessages}; all of them: openclaw sessions export`,
      );
  },
});

function factsOf(row: SessionRow, messages: number): [string, string][] {
  const {
    key,
    sessionId,
    label,
    model,
    modelProvider,
    modelOverrideSource,
    thinkingLevel,
    status,
    lastRunError,
  } = row;
  const facts: [string, string | undefined][] = [
    ["Key", key],
    ["Id", sessionId],
    ["Name", label ?? row.derivedTitle],
    [
      "Model",
      model && `${modelProvider}/${model}${modelOverrideSource ? " (chosen for this conversation)" : ""}`,
    ],
    ["Thinking", thinkingLevel],
    [
      "State",
      [status ?? "new", row.archived && "archived", row.pinned && "pinned"].filter(Boolean).join(", "),
    ],
    ["Last error", lastRunError],
    ["Messages", String(messages)],
    ["Tokens", `${row.inputTokens ?? 0} in, ${row.outputTokens ?? 0} out`],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

function bodyOf(message: StoredMessage): string {
  const calls = message.content.flatMap((block) =>
    block.type === "toolCall" ? [`→ ${block.name} ${JSON.stringify(block.arguments)}`] : [],
  );
  const from =
    message.role === "toolResult" ? [`${message.toolName}${message.isError ? " failed" : ""}:`] : [];
  return [...from, textOf(message), ...calls, message.errorMessage].filter(Boolean).join("\n");
}
