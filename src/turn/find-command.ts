import type { TypedCommand } from "../sessions/journal.ts";
import type { CommandEntry } from "./chat-command.ts";
import { CHAT_COMMANDS } from "./commands.gen.ts";
import type { CommandRights } from "./message.ts";

const SHAPE = /^\/([a-z]{1,32})(?::|\s|$)([\s\S]*)$/i;

export function commandNamed(name: string): CommandEntry | undefined {
  const word = name.toLowerCase();
  return CHAT_COMMANDS.find((entry) => entry.name === word || entry.aliases?.includes(word));
}

/** The command a message begins with. A slash before any other word is nothing special: paths look like that. */
export function readCommand(text: string, rights: CommandRights): TypedCommand | undefined {
  const [, word, rest] = SHAPE.exec(text.trim()) ?? [];
  const entry = word && commandNamed(word);
  if (!entry) return undefined;
  const args = rest!.trim();
  const allowed = !entry.changesSession || rights.mayChange;
  return { name: entry.name, args, passesOn: allowed && entry.passesOn === true && args !== "", allowed };
}
