import type { ConfiguredAccount } from "../../channels/outlets.ts";
import { GatewayError } from "../../protocol/errors.ts";

/** The accounts meant, the default one first. Throws `GatewayError` for a channel or account the config does not have. */
export function requireAccounts(
  configured: readonly ConfiguredAccount[],
  channel: string,
  accountId: string | undefined,
): [ConfiguredAccount, ...ConfiguredAccount[]] {
  const ofChannel = configured.filter((one) => one.channel.id === channel);
  if (ofChannel.length === 0) {
    throw new GatewayError("INVALID_REQUEST", `channel "${channel}" is not configured`, {
      detail: "UNKNOWN_CHANNEL",
      hint: `openclaw channels add ${channel}`,
    });
  }
  const chosen =
    accountId === undefined
      ? ofChannel.toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a)))
      : ofChannel.filter(({ account }) => account.accountId === accountId);
  const [first, ...rest] = chosen;
  if (!first) {
    const names = ofChannel.map(({ account }) => account.accountId).join(", ");
    throw new GatewayError(
      "INVALID_REQUEST",
      `unknown accountId "${accountId}" of ${channel}; there are: ${names}`,
      {
        detail: "UNKNOWN_ACCOUNT",
        hint: "openclaw channels list",
      },
    );
  }
  return [first, ...rest];
}

function isDefault({ account }: ConfiguredAccount): boolean {
  return account.accountId === "default";
}
