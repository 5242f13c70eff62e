import { GatewayError } from "../../protocol/errors.ts";
import type { GatewayServices } from "../services.ts";
import { requireAccount } from "./ask-desk.ts";
import type { ChannelDesk, SendReceipt } from "./desk.ts";
import { forgetFile, type GivenFile, keepFile } from "./kept-file.ts";

export interface DeliverRequest extends GivenFile {
  idempotencyKey: string;
  channel?: string | undefined;
  accountId?: string | undefined;
  to: string;
  text: string;
  threadId?: string | undefined;
  replyToId?: string | undefined;
  silent?: boolean | undefined;
  waitMs: number;
}

/** What is said of a message that has arrived. */
export interface Delivered {
  runId: string;
  /** The platform's id of the last part. */
  messageId: string;
  messageIds: string[];
  channel: string;
  accountId: string;
  to: string;
  outboxId: string;
}

export interface Waiting extends Pick<Delivered, "runId" | "channel" | "accountId" | "to" | "outboxId"> {
  queued: true;
  reason: string;
}

/** The bound of a caller that does not say how long it waits. */
export const DEFAULT_WAIT_MS = 15_000;

/**
 * Sends one message by the outbox and says what has become of it: arrived, or waiting. Throws `GatewayError` with the
 * platform's words for one that never will.
 */
export async function deliverRequest(
  request: DeliverRequest,
  services: GatewayServices,
): Promise<Delivered | Waiting> {
  const desk = await services.channels.open();
  const { config } = services.loaded;
  const channel = request.channel ?? onlyChannel(desk);
  const { accountId: wanted, idempotencyKey, to, text, threadId, replyToId, silent, waitMs } = request;
  const { accountId } = requireAccount(
    desk,
    { channel, ...(wanted !== undefined && { accountId: wanted }) },
    config,
  );
  const maxBytes = desk.capabilities(channel)?.maxUploadBytes ?? 0;
  const filePath = keepFile(request, idempotencyKey, maxBytes, services);
  if (text.trim() === "" && filePath === undefined)
    throw new GatewayError("INVALID_REQUEST", "invalid send params: text or media is required");
  const receipt = await desk.send(
    {
      ...{ idempotencyKey, channel, accountId, to, text },
      ...(threadId !== undefined && { threadId }),
      ...(replyToId !== undefined && { replyToId }),
      ...(silent !== undefined && { silent }),
      ...(filePath !== undefined && { filePath }),
    },
    waitMs,
  );
  if (receipt.kind === "sent") forgetFile(filePath, services);
  return answerOf(receipt, { runId: idempotencyKey, channel, accountId, to });
}

function answerOf(
  receipt: SendReceipt,
  about: Omit<Delivered, "messageId" | "messageIds" | "outboxId">,
): Delivered | Waiting {
  const { outboxId } = receipt;
  switch (receipt.kind) {
    case "sent":
      return {
        ...about,
        outboxId,
        messageId: receipt.messageIds.at(-1) ?? "",
        messageIds: receipt.messageIds,
      };
    case "queued":
      return { ...about, outboxId, queued: true, reason: receipt.reason };
    case "failed":
      throw new GatewayError("UNAVAILABLE", receipt.message, {
        detail: "OUTBOUND_DELIVERY_FAILED",
        details: { channel: about.channel, accountId: about.accountId, reason: receipt.reason, outboxId },
        hint: "ask the platform about the account: openclaw channels status --probe",
        retryable: false,
      });
  }
}

/** Clients know the code; what it waits for is in the text, since their schema leaves no room beside the code. */
export function requireDelivered(answer: Delivered | Waiting): Delivered {
  if (!("queued" in answer)) return answer;
  throw new GatewayError("UNAVAILABLE", `message delivery queued (${answer.outboxId}): ${answer.reason}`, {
    detail: "OUTBOUND_DELIVERY_QUEUED",
  });
}

function onlyChannel(desk: ChannelDesk): string {
  const ids = [...new Set(desk.accounts().map(({ channel }) => channel))];
  if (ids.length === 1) return ids[0]!;
  throw new GatewayError(
    "INVALID_REQUEST",
    ids.length === 0 ? "no channel is configured" : `channel is required: ${ids.join(", ")}`,
    { hint: ids.length === 0 ? "add one: openclaw channels add" : "name one of them" },
  );
}
