import * as v from "valibot";
import { GatewayError } from "../../../protocol/errors.ts";
import { requireAccount } from "../../channels/ask-desk.ts";
import { DEFAULT_WAIT_MS, deliverRequest, requireDelivered } from "../../channels/deliver-request.ts";
import { IdempotencyKey, identifier } from "../../fields.ts";
import { defineMethod, type MethodContext } from "../../method.ts";
import { parseParams } from "../../validation.ts";

const Target = v.pipe(v.string(), v.nonEmpty(), v.maxLength(512));
/** Clients write either word. */
const to = { to: v.optional(Target), target: v.optional(Target) };

const SendParams = v.object({
  ...to,
  message: v.optional(v.string()),
  text: v.optional(v.string()),
  media: v.optional(v.string()),
  mediaUrl: v.optional(v.string()),
  buffer: v.optional(v.string()),
  filename: v.optional(v.string()),
  threadId: v.optional(Target),
  replyTo: v.optional(Target),
  silent: v.optional(v.boolean()),
  /** A message that has to wait is an answer, not a failure. */
  queue: v.optional(v.boolean(), false),
  waitMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(120_000)), DEFAULT_WAIT_MS),
});

const ReactParams = v.object({
  ...to,
  messageId: Target,
  emoji: v.optional(v.pipe(v.string(), v.maxLength(64))),
  remove: v.optional(v.boolean(), false),
});

interface Request {
  channel: string;
  accountId?: string | undefined;
  params: Record<string, unknown>;
  idempotencyKey: string;
}

/** What is done to messages of a chat by hand: `send` and `react`. */
export default defineMethod({
  name: "message.action",
  scope: "operator.write",
  params: v.object({
    channel: identifier,
    action: identifier,
    params: v.record(v.string(), v.unknown()),
    reply: v.optional(v.object({ replyToId: Target })),
    accountId: v.optional(identifier),
    idempotencyKey: IdempotencyKey,
  }),
  async run({ action, reply, ...request }, context) {
    switch (action) {
      case "send":
        return send(request, reply?.replyToId, context);
      case "react":
        return react(request, context);
      default:
        throw unsupported(action, request.channel);
    }
  },
});

async function send(request: Request, replyToId: string | undefined, { services }: MethodContext) {
  const { message, text, media, mediaUrl, replyTo, queue, target, to, ...rest } = parseParams(
    SendParams,
    request.params,
    "message.action",
  );
  const { channel, accountId, idempotencyKey } = request;
  const answer = await deliverRequest(
    {
      ...rest,
      ...{ channel, accountId, idempotencyKey, to: requireTo(to ?? target), text: message ?? text ?? "" },
      ...{ mediaUrl: mediaUrl ?? media, replyToId: replyTo ?? replyToId },
    },
    services,
  );
  return queue ? answer : requireDelivered(answer);
}

async function react({ channel, accountId, params }: Request, { services }: MethodContext) {
  const { to, target, messageId, emoji, remove } = parseParams(ReactParams, params, "message.action");
  const desk = await services.channels.open();
  const asked = { channel, ...(accountId !== undefined && { accountId }) };
  const account = requireAccount(desk, asked, services.loaded.config);
  if (!desk.capabilities(channel)?.react) throw unsupported("react", channel);
  const isSet = !remove && emoji !== undefined && emoji !== "";
  const chat = requireTo(to ?? target);
  await desk.react({
    ...{ channel, accountId: account.accountId, to: chat, messageId },
    ...(isSet && { emoji }),
  });
  return {
    ok: true,
    channel,
    accountId: account.accountId,
    to: chat,
    messageId,
    ...(isSet ? { emoji } : { removed: true }),
  };
}

function requireTo(target: string | undefined): string {
  if (target !== undefined) return target;
  throw new GatewayError(
    "INVALID_REQUEST",
    "invalid message.action params: must have required property 'to'",
  );
}

function unsupported(action: string, channel: string): GatewayError {
  return new GatewayError(
    "INVALID_REQUEST",
    `Message action ${action.slice(0, 64)} not supported for channel ${channel}.`,
    {
      hint: "see what a chat app can do here: openclaw channels capabilities",
    },
  );
}
