import type { TypedCommand } from "../sessions/journal.ts";
import type { CommandEntry } from "./chat-command.ts";
import { CHAT_COMMANDS } from "./commands.gen.ts";
import type { CommandRights } from "./message.ts";

/** Chats write the name of a bot behind the word where several listen. */
const SHAPE = /^\/([a-z]{1,32})(?:@\w{1,64})?(?::|\s|$)([\s\S]*)$/i;

const RANK = { read: 0, settings: 1, session: 2 } as const;

export function commandNamed(name: string): CommandEntry | undefined {
  const word = name.toLowerCase();
  return CHAT_COMMANDS.find((entry) => entry.name === word || entry.aliases?.includes(word));
}

/** The command a message begins with. A slash before any other word is nothing special: paths look like that. */
export function readCommand(text: string, rights: CommandRights): TypedCommand | undefined {
  const [, word, rest] = SHAPE.exec((rights.typed ?? text).trim()) ?? [];
  const entry = word && commandNamed(word);
  if (!entry) return undefined;
  const args = rest!.trim();
  const allowed = RANK[rights.may] >= RANK[entry.needs ?? "read"];
  return { name: entry.name, args, passesOn: allowed && entry.passesOn === true && args !== "", allowed };
}
