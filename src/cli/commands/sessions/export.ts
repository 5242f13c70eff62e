import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Fault } from "../../../platform/fault.ts";
import { printable } from "../../../platform/printable.ts";
import type { GatewayConnection } from "../../../protocol/client.ts";
import type { SessionRow } from "../../../protocol/entities.ts";
import { type StoredMessage, textOf } from "../../../protocol/messages.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { findSessionKey, sessionPositional } from "../../session-key-arg.ts";

interface Page {
  messages: StoredMessage[];
  totalMessages: number;
  sessionInfo?: SessionRow;
}

/** Messages are asked for in pages, so that a long conversation is never whole in memory. */
const AT_ONCE = 500;

export default defineCommand({
  summary: "Write a whole conversation to a file or to stdout",
  description: ["As JSON, one object a line with everything that is stored, or as Markdown to read."],
  positionals: sessionPositional,
  options: {
    output: { type: "string", alias: "o", placeholder: "file", summary: "a new file; stdout without it" },
    format: {
      type: "choice",
      values: ["jsonl", "markdown"],
      summary: "jsonl, or markdown (what people said)",
    },
    all: { type: "boolean", summary: "also what was said before the conversation was reset" },
    ...clientOptions,
  },
  examples: [
    "openclaw sessions export main -o main.jsonl",
    "openclaw sessions export work --format markdown > work.md",
  ],
  async run({ session, output, format = "jsonl", all, timeout }, context) {
    const connection = await context.connect({ scopes: ["operator.read"] });
    const sessionKey = await findSessionKey(session, connection);
    const write = format === "jsonl" ? asJson : asMarkdown;
    const target = openTarget(output, context.io.out);
    let messages = 0;
    for await (const page of pages(sessionKey, all, connection, timeout)) {
      if (messages === 0 && page.sessionInfo) await target.write(head(page.sessionInfo, format));
      for (const message of page.messages) await target.write(write(message));
      messages += page.messages.length;
    }
    await target.end();
    if (output !== undefined)
      context.io.note(`${messages} messages of ${printable(sessionKey)} are in ${output}`);
  },
});

async function* pages(
  sessionKey: string,
  all: boolean,
  { call }: GatewayConnection,
  timeoutMs: number,
): AsyncGenerator<Page> {
  const ask = (params: object) => call<Page>("chat.history", { sessionKey, all, ...params }, { timeoutMs });
  const { totalMessages, sessionInfo, messages } = await ask({ limit: 1 });
  const newest = messages.at(-1)?.__openclaw.seq ?? 0;
  const oldest = newest - totalMessages + 1;
  for (let from = oldest; from <= newest; from += AT_ONCE) {
    const limit = Math.min(AT_ONCE, newest - from + 1);
    const page = await ask({ limit, cursor: `seq:${from + limit}` });
    yield { ...page, ...(from === oldest && sessionInfo && { sessionInfo }) };
  }
}

function head(row: SessionRow, format: string): string {
  if (format === "markdown") return `# ${row.label ?? row.derivedTitle ?? row.key}\n`;
  const { key, sessionId, agentId, createdAt, label } = row;
  return JSON.stringify({ type: "session", version: 1, key, sessionId, agentId, createdAt, label });
}

function asJson(message: StoredMessage): string {
  return JSON.stringify({ type: "message", ...message });
}

function asMarkdown(message: StoredMessage): string {
  const said = textOf(message);
  if (said === "" || (message.role !== "user" && message.role !== "assistant")) return "";
  return `## ${message.role}, ${new Date(message.timestamp).toISOString()}\n\n${said}\n`;
}

function openTarget(path: string | undefined, out: (text: string) => void) {
  if (path === undefined) {
    return { write: async (text: string) => void (text !== "" && out(text)), end: async () => {} };
  }
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const failed = once(file, "error").then(([error]: (Error & { code?: string })[]) => {
    throw new Fault(`the export cannot be written to ${path}: ${error!.message}`, {
      why:
        error!.code === "EEXIST"
          ? "there is such a file, and it is not overwritten"
          : "its folder does not take it",
      fix: "openclaw sessions export <session> -o <another file>",
    });
  });
  // Where nobody waits at that moment the next write tells.
  failed.catch(() => {});
  return {
    async write(text: string) {
      if (text === "") return;
      if (!file.write(`${text}\n`)) await Promise.race([once(file, "drain"), failed]);
    },
    async end() {
      file.end();
      await Promise.race([once(file, "close"), failed]);
    },
  };
}
