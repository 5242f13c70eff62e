import type { SenderStore } from "../../access/senders/senders.ts";
import type { InboundMessage } from "../../channels/inbound.ts";
import type { Outbox } from "../../sessions/outbox.ts";
import type { DropLog } from "./drop-log.ts";
import { shortName } from "./untrusted.ts";

export interface PairingInput {
  channel: { id: string; label: string };
  accountId: string;
  senders: SenderStore;
  outbox: Outbox;
  drops: DropLog;
}

/** A stranger is told once how to be let in, and the owner's log says which command does it. */
export function askForPairing(message: InboundMessage, input: PairingInput): void {
  const { channel, accountId, senders, outbox, drops } = input;
  const { sender, chat } = message;
  const name = shortName(sender.name) ?? shortName(sender.username);
  const who = name === undefined ? sender.id : `${sender.id} (${name})`;
  const answer = senders.request({ channel: channel.id, accountId, senderId: sender.id, name });
  switch (answer.kind) {
    case "new": {
      const { code } = answer;
      const fix = `openclaw pairing approve ${channel.id} ${code}`;
      outbox.add({
        idempotencyKey: `pairing:${channel.id}:${accountId}:${sender.id}:${code}`,
        channel: channel.id,
        accountId,
        chatId: chat.id,
        threadId: chat.threadId,
        body: pairingText(channel.label, sender.id, code, fix),
      });
      const text = `pairing request from ${who}: ${channel.label} pairing required — approve code ${code}`;
      drops.dropped(message, "pairing-required", { text, fix });
      return;
    }
    case "pending": {
      const text = `pairing request from ${who} is pending; nothing is answered until it is approved`;
      drops.dropped(message, "pairing-required", { text, fix: `openclaw pairing list ${channel.id}` });
      return;
    }
    case "full": {
      const text = `pairing request from ${who} not taken: as many as may wait are pending already`;
      drops.dropped(message, "pairing-required", { text, fix: `openclaw pairing list ${channel.id}` });
      return;
    }
    case "muted": {
      const text = `blocked: pairing request from ${who}, who was rejected or asked too often`;
      drops.dropped(message, "pairing-required", { text });
    }
  }
}

/** The words of the guides; people paste them into search boxes. */
function pairingText(label: string, senderId: string, code: string, fix: string): string {
  return [
    "OpenClaw: access not configured.",
    `Your ${label} user id: \`${senderId.replaceAll("`", "")}\``,
    "Pairing code:",
    `\`${code}\``,
    "Ask the bot owner to approve with:",
    `\`${fix}\``,
  ].join("\n\n");
}
