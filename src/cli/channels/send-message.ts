import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Delivered, Waiting } from "../../gateway/channels/deliver-request.ts";
import { Fault } from "../../platform/fault.ts";
import { ConnectionError } from "../../protocol/client.ts";
import { GatewayError } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { CommandContext } from "../context.ts";
import { isGatewayDown } from "../gateway-down.ts";
import { UsageError } from "../usage.ts";
import { findAccount, findChannel } from "./known-channel.ts";

export interface MessageArgs {
  channel: string | undefined;
  target: string;
  message: string | undefined;
  media: string | undefined;
  account: string | undefined;
  thread: string | undefined;
  replyTo: string | undefined;
  silent: boolean;
  queue: boolean;
  timeout: number;
}

export type Sent =
  | (Delivered & { kind: "sent" })
  | (Omit<Waiting, "queued"> & { kind: "queued" })
  | { kind: "dry-run"; channel: string; accountId: string; to: string; parts: string[]; file?: string };

/** The gateway's own answer comes after its wait. */
const GRACE_MS = 5_000;

/** Sends by the gateway, or with `queue` leaves the message on disk for it while none runs. Throws `Fault` (1). */
export async function sendMessage(args: MessageArgs, context: CommandContext): Promise<Sent> {
  const { target: to, message, account, thread, replyTo, silent, queue, timeout } = args;
  const channel = await channelOf(args, context);
  const file = args.media === undefined ? undefined : readMedia(args.media);
  if (message === undefined && !file)
    throw new UsageError('"message send" needs --message or --media', ["message", "send"]);
  if (queue && (await isGatewayDown(context))) return await queueHere(channel, args, context);
  const idempotencyKey = randomUUID();
  const request = {
    ...{ channel, action: "send", idempotencyKey },
    ...(account !== undefined && { accountId: account }),
    params: {
      ...{ to, queue, waitMs: timeout },
      ...(message !== undefined && { message }),
      ...(file && { buffer: file.bytes.toString("base64"), filename: file.name }),
      ...(thread !== undefined && { threadId: thread }),
      ...(replyTo !== undefined && { replyTo }),
      ...(silent && { silent }),
    },
  };
  const connection = await context.connect({ scopes: ["operator.write"], surface: "message" });
  try {
    const answer = await connection.call<Delivered | Waiting>("message.action", request, {
      timeoutMs: timeout + GRACE_MS,
    });
    if (!("queued" in answer)) return { kind: "sent", ...answer };
    const { queued: _, ...waiting } = answer;
    return { kind: "queued", ...waiting };
  } catch (error) {
    throw asFault(error, channel, account);
  }
}

/** What would be sent, as the platform would get it. Asks nobody. */
export async function dryRun(args: MessageArgs, context: CommandContext): Promise<Sent> {
  const channel = findChannel(await channelOf(args, context), context.name);
  const { config } = await context.config();
  const { accountId } = findAccount(channel, args.account, config, context.env);
  const file = args.media === undefined ? undefined : readMedia(args.media);
  const parts = args.message === undefined ? [] : channel.format(args.message).map(({ text }) => text);
  return {
    ...{ kind: "dry-run", channel: channel.id, accountId, to: args.target, parts },
    ...(file && { file: file.name }),
  };
}

/** The one chat app of the config where none is named. */
async function channelOf({ channel }: MessageArgs, context: CommandContext): Promise<string> {
  if (channel !== undefined) return channel.trim().toLowerCase();
  const ids = Object.keys((await context.config()).config.channels ?? {});
  if (ids.length === 1) return ids[0]!;
  throw new UsageError(
    `missing option --channel for "message send"${ids.length > 1 ? `; there are ${ids.join(", ")}` : ""}`,
    ["message", "send"],
  );
}

function readMedia(path: string): { name: string; bytes: Buffer } {
  const found = statSync(path, { throwIfNoEntry: false });
  const fix = "openclaw message send --help";
  if (!found?.isFile())
    throw new Fault(`the message was not sent: there is no file ${path}`, {
      ...(/^https?:/.test(path) && { why: "--media takes a file of this machine, no address." }),
      fix,
    });
  if (found.size > LIMITS.attachmentBytes)
    throw new Fault(
      `the message was not sent: ${path} is larger than ${Math.floor(LIMITS.attachmentBytes / 1_048_576)} MB`,
      {
        why: "So much fits into one request to the gateway.",
        fix,
      },
    );
  return { name: basename(path), bytes: readFileSync(path) };
}

async function queueHere(id: string, args: MessageArgs, context: CommandContext): Promise<Sent> {
  const { target: to, message = "", media, thread, replyTo, silent } = args;
  if (media !== undefined)
    throw new Fault("the message was not queued: a file can be queued only while a gateway runs", {
      why: "The gateway keeps a copy of it until it is sent.",
      fix: "openclaw start",
    });
  const channel = findChannel(id, context.name);
  const { config } = await context.config();
  const { accountId } = findAccount(channel, args.account, config, context.env);
  const { openForQueueing } = await import("./stored-outbox.ts");
  using outbox = openForQueueing(context);
  const runId = randomUUID();
  const entry = outbox.add({
    ...{ idempotencyKey: runId, channel: channel.id, accountId, chatId: to.trim(), body: message, silent },
    ...(thread !== undefined && { threadId: thread }),
    ...(replyTo !== undefined && { replyToId: replyTo }),
  });
  const reason = "no gateway runs; it goes out when one does";
  return { kind: "queued", runId, channel: channel.id, accountId, to, outboxId: entry.id, reason };
}

function asFault(error: unknown, channel: string, account: string | undefined): unknown {
  if (error instanceof ConnectionError) {
    return new Fault("Error: send failed — gateway not connected", {
      why: `the connection ended before the gateway said what became of the message (${error.message}); do not send it again before you have looked`,
      fix: "openclaw outbox list --all",
      cause: error,
    });
  }
  if (!(error instanceof GatewayError)) return error;
  const { code, hint } = (error.extras.details ?? {}) as { code?: string; hint?: string };
  const who = account === undefined ? channel : `${channel} ${account}`;
  if (code === "OUTBOUND_DELIVERY_QUEUED") {
    return new Fault(error.message.replace("message delivery queued", "not sent yet, but queued"), {
      why: `${who} cannot take it now; it goes out by itself, and --queue calls that a success`,
      fix: "openclaw outbox list",
      cause: error,
    });
  }
  if (code === "OUTBOUND_DELIVERY_FAILED") {
    return new Fault(`the message was not sent: ${error.message}`, {
      why: `${who} has said no; the message is kept in the outbox with the reason`,
      fix: "openclaw channels status --probe",
      cause: error,
    });
  }
  if (error.message.startsWith("unknown method") || code === "UNKNOWN_CHANNEL") {
    return new Fault(`the message was not sent: this gateway has no channel "${channel.slice(0, 64)}"`, {
      why: code ? "It knows other chat apps." : "it is of a version without chat channels",
      fix: code ? "openclaw channels capabilities" : "openclaw update status",
      cause: error,
    });
  }
  if (code === "CHANNEL_NOT_CONFIGURED") {
    return new Fault(`the message was not sent: ${error.message}`, {
      fix: `openclaw channels add --channel ${channel}`,
      cause: error,
    });
  }
  return new Fault(`the message was not sent: ${error.message}`, {
    ...(hint !== undefined && { why: hint }),
    fix: "openclaw channels status",
    cause: error,
  });
}
