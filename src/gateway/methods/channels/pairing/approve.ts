import * as v from "valibot";
import { hasOwner } from "../../../../access/senders/pairing-list.ts";
import type { ApprovedSender } from "../../../../access/senders/senders.ts";
import { GatewayError } from "../../../../protocol/errors.ts";
import { hasScope } from "../../../../protocol/scopes.ts";
import type { ChannelDesk } from "../../../channels/desk.ts";
import { missingScope, unknownRequest } from "../../../channels/pairing-refusals.ts";
import { identifier } from "../../../fields.ts";
import { defineMethod } from "../../../method.ts";

const NOTIFY_MS = 5_000;

/**
 * Lets somebody write to the bot. Who is approved gets a voice, so it takes the right to write as well (protocol.md §7.2);
 * the very first one becomes the owner, which only an administrator can give away.
 */
export default defineMethod({
  name: "channels.pairing.approve",
  scope: "operator.pairing",
  params: v.object({
    channel: identifier,
    accountId: identifier,
    requestId: identifier,
    notify: v.optional(v.boolean()),
    bootstrapCommandOwner: v.optional(v.boolean()),
  }),
  async run({ channel, accountId, requestId, notify }, { principal, services }) {
    const desk = await services.channels.open();
    const { senders } = desk;
    if (!hasScope(principal.scopes, "operator.write"))
      throw missingScope("operator.write", "who is approved may write to the agent");
    if (!hasOwner(senders) && !hasScope(principal.scopes, "operator.admin"))
      throw missingScope("operator.admin", "the first sender that is approved becomes the owner");
    const result = senders.approve(channel, requestId, accountId);
    if (result.kind === "locked") throw locked(channel, result.retryAfterMs);
    if (result.kind !== "approved") throw unknownRequest(channel);
    const { sender, becameOwner } = result;
    services.sink.log.child(channel).info("pairing request approved", {
      ...{ account: accountId, sender: sender.senderId, ...(becameOwner && { owner: true }) },
    });
    return {
      requestId,
      senderId: sender.senderId,
      notification: notify ? await tell(desk, sender) : ("not-requested" as const),
      commandOwnerBootstrap: becameOwner ? ("configured" as const) : ("already-configured" as const),
    };
  },
});

/** The approval holds, whatever becomes of the message about it. */
async function tell(
  desk: ChannelDesk,
  { channel, accountId, senderId, approvedAt }: ApprovedSender,
): Promise<"sent" | "failed"> {
  const request = {
    ...{
      channel,
      accountId,
      to: senderId,
      idempotencyKey: `approved:${channel}:${accountId}:${senderId}:${approvedAt}`,
    },
    text: "OpenClaw: access approved. Send a message to start.",
  };
  return desk.send(request, NOTIFY_MS).then(
    ({ kind }) => (kind === "sent" ? "sent" : "failed"),
    () => "failed",
  );
}

function locked(channel: string, retryAfterMs: number): GatewayError {
  return new GatewayError("UNAVAILABLE", `too many wrong pairing codes for ${channel}`, {
    ...{ detail: "PAIRING_LOCKED", retryable: true, retryAfterMs },
    hint: "somebody may be guessing; codes are looked at again within the hour",
  });
}
