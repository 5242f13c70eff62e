import { createHash } from "node:crypto";
import type { ConnectInput } from "../channel.ts";
import type { NativeCommand, TelegramSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";

/** What people choose from when they type a slash. */
export const STANDARD_COMMANDS: readonly NativeCommand[] = [
  { command: "new", description: "Begin a new conversation" },
  { command: "stop", description: "Stop the answer that is under way" },
  { command: "status", description: "Show how things stand" },
  { command: "model", description: "Show or choose the model" },
  { command: "think", description: "Show or choose how hard the model thinks" },
  { command: "compact", description: "Keep the older part of this conversation as a summary" },
  { command: "usage", description: "Show what was used" },
  { command: "help", description: "Show what can be said here" },
];

const KEY = "commands";
/** Telegram's own limit. */
const MAX_COMMANDS = 100;

/** Told to Telegram when the list is another one than last time; a failure costs nothing but the list. */
export async function publishCommands(
  { commands }: TelegramSettings,
  api: BotApi,
  { recall, remember, log, signal }: Pick<ConnectInput, "recall" | "remember" | "log" | "signal">,
): Promise<void> {
  const wanted = commands === "off" ? [] : listed(commands);
  const digest = createHash("sha256").update(JSON.stringify(wanted)).digest("hex").slice(0, 16);
  if (recall(KEY) === digest) return;
  try {
    if (wanted.length === 0) await api.calls.deleteMyCommands({}, signal);
    else await api.calls.setMyCommands({ commands: wanted }, signal);
    remember(KEY, digest);
  } catch (error) {
    log.warn("the list of commands could not be published", { reason: (error as Error).message });
  }
}

function listed(own: readonly NativeCommand[]): NativeCommand[] {
  const names = new Set(own.map(({ command }) => command));
  return [...STANDARD_COMMANDS.filter(({ command }) => !names.has(command)), ...own].slice(0, MAX_COMMANDS);
}
