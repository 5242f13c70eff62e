import type { Positionals } from "../command.ts";
import { UsageError } from "../usage.ts";

/** `approve telegram CODE`, or `approve CODE --channel telegram`. */
export const senderPositionals = {
  platform: { summary: "which chat app: telegram, irc" },
  code: { summary: "the code they got", optional: true },
} as const satisfies Positionals;

export function senderQuery(
  { platform, code, channel }: { platform: string; code: string | undefined; channel: string | undefined },
  command: string,
): { platform: string; code: string } {
  if (code !== undefined && channel === undefined) return { platform, code };
  if (code === undefined && channel !== undefined) return { platform: channel, code: platform };
  if (code !== undefined && channel === platform) return { platform, code };
  throw new UsageError(
    code === undefined
      ? `missing argument <code> for "${command}"`
      : `"${command}" takes the chat app once: as a word or as --channel`,
    command.split(" "),
  );
}
