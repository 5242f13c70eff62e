import { createHash } from "node:crypto";
import type { ConnectInput } from "../channel.ts";
import { COMMAND, type NativeCommand, type TelegramSettings } from "./accounts.ts";
import type { BotApi } from "./api.ts";

const KEY = "commands";
/** Telegram's own limit. */
const MAX_COMMANDS = 100;

/** Told to Telegram when the list is another one than last time; a failure costs nothing but the list. */
export async function publishCommands(
  { commands }: TelegramSettings,
  api: BotApi,
  input: Pick<ConnectInput, "recall" | "remember" | "log" | "signal" | "commands">,
): Promise<void> {
  const { recall, remember, log, signal } = input;
  const wanted = commands === "off" ? [] : listed(input.commands ?? [], commands);
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

/** The owner's own win over ours of the same name. */
function listed(
  standard: NonNullable<ConnectInput["commands"]>,
  own: readonly NativeCommand[],
): NativeCommand[] {
  const names = new Set(own.map(({ command }) => command));
  const ours = standard
    .filter(({ name }) => COMMAND.test(name) && !names.has(name))
    .map(({ name, description }) => ({ command: name, description }));
  return [...ours, ...own].slice(0, MAX_COMMANDS);
}
