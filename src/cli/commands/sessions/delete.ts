import { Fault } from "../../../platform/fault.ts";
import { printable } from "../../../platform/printable.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { findSessionKey, sessionPositional } from "../../session-key-arg.ts";
import { askYesNo } from "../../yes-no.ts";

interface Deleted {
  key: string;
  deleted: boolean;
  archived: string[];
}

export default defineCommand({
  summary: "Delete a conversation with all its messages",
  description: ["What it cost stays on the bill. A turn that runs in it is stopped."],
  positionals: sessionPositional,
  options: {
    keepTranscript: { type: "boolean", summary: "write the messages to a file of the gateway first" },
    yes: { type: "boolean", alias: "y", summary: "do not ask" },
    ...clientOptions,
  },
  examples: ["openclaw sessions delete work --yes", "openclaw sessions delete work --keep-transcript"],
  async run({ session, keepTranscript, yes, timeout }, context) {
    const connection = await context.connect({ scopes: ["operator.admin"] });
    const key = await findSessionKey(session, connection);
    if (!yes) await confirm(key);
    return await connection.call<Deleted>(
      "sessions.delete",
      { key, deleteTranscript: !keepTranscript },
      { timeoutMs: timeout },
    );
  },
  render({ key, deleted, archived }, { io }) {
    io.out(deleted ? `Deleted ${printable(key)}.` : `${printable(key)} was gone already.`);
    for (const path of archived) io.out(`Its messages are in ${path}`);
  },
});

async function confirm(key: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new Fault(`nothing was deleted: ${key}`, {
      why: "nobody is there to be asked",
      fix: "openclaw sessions delete <session> --yes",
    });
  }
  if (!(await askYesNo(`Delete ${printable(key)} and all its messages?`)))
    throw new Fault("nothing was deleted", { why: "you said no" });
}
