import type { Turn } from "./open-turn.ts";
import type { TurnServices } from "./services.ts";

/** A word with a slash before it, typed where one talks to an agent. It is answered by the gateway and never by a model. */
export interface ChatCommand {
  /** Without the slash. */
  name: string;
  aliases?: readonly string[];
  /** One line, for people. */
  description: string;
  /** What may follow the word, as shown in help; absent where nothing may. */
  args?: string;
  category: "session" | "options" | "status";
  /** At once, beside a run that is going on; or in the session's order. */
  when: "at-once" | "in-order";
  /** What whoever types it needs beyond being let in: a say in how the conversation is answered, or in what it consists of. */
  needs?: "settings" | "session";
  /** What runs or waits in the session ends first. */
  interrupts?: true;
  /** What follows the word is a message, and is answered once the command is done. */
  passesOn?: true;
  run(context: CommandContext): string | Promise<string>;
}

export interface CommandContext {
  turn: Turn;
  /** What followed the word, trimmed. */
  args: string;
  services: TurnServices;
  signal: AbortSignal;
}

export type CommandEntry = Omit<ChatCommand, "run"> & { load(): Promise<{ default: ChatCommand }> };

export function defineChatCommand(command: ChatCommand): ChatCommand {
  return command;
}
