import type { AccountRow } from "../../gateway/channels/status-payload.ts";
import type { ArgsOf, Options, Positionals } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { paint } from "../io.ts";
import { printableData } from "../printable-data.ts";
import { accountLines } from "./account-text.ts";
import { findChannel, requireOne } from "./known-channel.ts";

export const accountPositional = {
  platform: { summary: "which chat app: telegram, irc", optional: true },
} as const satisfies Positionals;

export const accountOptions = {
  channel: { type: "string", placeholder: "id", summary: "the same as an option" },
  account: { type: "string", placeholder: "id", summary: "only this account of it" },
} as const satisfies Options;

/** What `channels.start` and `channels.stop` answer, with the name of the platform. */
export interface Switched {
  channel: string;
  label: string;
  accounts: AccountRow[];
}

export async function switchAccounts(
  method: "channels.start" | "channels.stop",
  { platform, channel, account }: ArgsOf<typeof accountOptions, typeof accountPositional>,
  context: CommandContext,
): Promise<Switched> {
  const { id, label } = findChannel(requireOne(platform, channel, context.name), context.name);
  const params = { channel: id, ...(account !== undefined && { accountId: account }) };
  const { accounts } = await context.call<Switched>(method, params, {
    scopes: ["operator.admin"],
    byOwner: true,
  });
  return { channel: id, label, accounts };
}

export function printAccounts({ channel, label, accounts }: Switched, { io }: CommandContext): void {
  for (const row of printableData(accounts))
    for (const line of accountLines({ channel, label, row }, paint(io.color.out), Date.now())) io.out(line);
}
