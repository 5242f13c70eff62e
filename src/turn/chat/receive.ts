import type { SenderStore } from "../../access/senders/senders.ts";
import { ChannelFault } from "../../channels/channel.ts";
import type { InboundMessage } from "../../channels/inbound.ts";
import type { Config } from "../../config/schema.ts";
import { sha256Hex } from "../../platform/files.ts";
import type { Log } from "../../platform/log.ts";
import { resetSession } from "../../sessions/change.ts";
import type { InboundId, Inbox } from "../../sessions/inbound.ts";
import { sessionKey } from "../../sessions/keys.ts";
import type { Outbox } from "../../sessions/outbox.ts";
import type { ReplyAddress } from "../../sessions/outbox-row.ts";
import type { InboundMessage as TurnMessage } from "../message.ts";
import type { DropReason, Taken } from "../outcome.ts";
import type { TurnServices } from "../services.ts";
import { takeTurn } from "../turn.ts";
import { admitChat, type ChatDropReason } from "./admit.ts";
import { takeAttachments } from "./attachments.ts";
import { type DropLog, openDropLog } from "./drop-log.ts";
import { type FloodGate, openFloodGate } from "./flood.ts";
import { askForPairing } from "./pairing.ts";
import type { ChatPolicy } from "./policy.ts";
import { questionOf } from "./question.ts";
import { isResetDue, lastTimeItWas } from "./reset.ts";
import { routeChat } from "./route.ts";

export interface ReceiverInput {
  channel: { id: string; label: string };
  accountId: string;
  services: TurnServices;
  inbox: Inbox;
  outbox: Outbox;
  senders: SenderStore;
  log: Log;
  /** Of the config in force. */
  policy(): ChatPolicy;
  config(): Config;
  /** Something was put into the outbox. */
  onQueued(): void;
  /** A message was taken; says what its reply looks like on the way, if the chat is to see that. */
  accompany(to: ReplyAddress, message: InboundMessage): Companion;
  /** Aborted when the account is stopped. */
  signal: AbortSignal;
}

/** What the chat sees of a run that goes on. */
export interface Companion extends Pick<TurnMessage, "watch" | "previewId"> {
  /** Told when the run is over. */
  ended(): void;
}

/** The gate of the turn is closed for a moment: the platform waits instead of losing the message. */
const PASSING: ReadonlySet<DropReason> = new Set(["queue-full", "memory-pressure", "safe-mode"]);
const TRY_AGAIN_MS = 1_000;

/**
 * The way of a message from its platform to its turn, for one account: known already, admitted, not too many, routed, on
 * disk. Resolves when its fate is on disk, rejects when that could not be; messages of one chat keep their order.
 */
export function openReceiver(input: ReceiverInput): (message: InboundMessage) => Promise<void> {
  const { channel, accountId, services, inbox, senders, outbox, signal } = input;
  const { clock, store } = services;
  const drops: DropLog = openDropLog({ channel: channel.id, accountId }, input.log, clock);
  const flood: FloodGate = openFloodGate(clock);
  /** The last message of each chat that is still on its way. */
  const chats = new Map<string, Promise<void>>();

  async function take(message: InboundMessage): Promise<void> {
    const id = { channel: channel.id, accountId, chatId: message.chat.id, messageId: message.messageId };
    const known = inbox.find(id);
    if (known) {
      input.log.debug("message is known already", { ...id, fate: known.kind });
      return;
    }
    const policy = input.policy();
    const { sender, chat } = message;
    const isOwner = senders.isOwner(channel.id, accountId, sender.id);
    const isPaired = chat.kind === "direct" && senders.isApproved(channel.id, accountId, sender.id);
    const admission = admitChat(message, policy, { isPaired, isOwner });
    if (admission.kind === "dropped") return drop(id, message, admission.reason);
    if (isFlood(message, policy)) return drop(id, message, "flood");
    const isListed = chat.kind === "direct" && policy.allowFrom?.has(sender.id) === true;
    await accept(id, message, policy, { isOwner, isTrusted: isOwner || isPaired || isListed });
  }

  function drop(id: InboundId, message: InboundMessage, reason: ChatDropReason): void {
    store.database.transaction(
      () => {
        if (reason === "pairing-required") {
          askForPairing(message, { channel, accountId, senders, outbox, drops });
        } else drops.dropped(message, reason);
        inbox.record(id, { kind: "dropped", reason });
      },
      { durable: true },
    );
    input.onQueued();
  }

  function isFlood(message: InboundMessage, { rate }: ChatPolicy): boolean {
    const { chat, sender } = message;
    const bySender = flood.take(`${chat.id}\0${sender.id}`, rate);
    const wide = { perMinute: rate.perMinute * 3, burst: rate.burst * 3 };
    const answer = bySender === "ok" && chat.kind === "group" ? flood.take(chat.id, wide) : bySender;
    if (answer === "first") {
      say(
        message,
        "flood",
        "You write faster than I can answer. I read on in a minute; what comes until then is lost.",
      );
    }
    return answer !== "ok";
  }

  async function accept(
    id: InboundId,
    message: InboundMessage,
    policy: ChatPolicy,
    { isOwner, isTrusted }: { isOwner: boolean; isTrusted: boolean },
  ): Promise<void> {
    const config = input.config();
    const { agentId, rest } = routeChat(message, id, config);
    const agents = services.agents();
    const agent = agents.find((one) => (agentId === undefined ? one.isDefault : one.id === agentId));
    const { images, notes } = await takeAttachments(message.attachments, {
      workspace: agent?.workspace ?? agents[0]!.workspace,
      maxBytes: policy.maxMediaBytes,
      signal,
    });
    beginAnew(message, agent?.id ?? agents[0]!.id, rest, config);
    const to = replyAddress(message, policy);
    const companion = input.accompany(to, message);
    const question: TurnMessage = {
      surface: "channel",
      runId: runIdOf(id),
      sessionKey: agentId === undefined ? rest : `agent:${agentId}:${rest}`,
      agentId: undefined,
      text: questionOf(message, { label: channel.label, isOwner, notes }),
      images,
      queueMode: "followup",
      model: undefined,
      extraSystemPrompt: undefined,
      // Several people may share a conversation: whom the owner never approved may look, and change nothing for others.
      commands: { may: isTrusted ? "session" : "read", typed: message.text },
      originConnId: undefined,
      resumable: true,
      replyTo: to,
      onAccept: () => void inbox.record(id, { kind: "accepted", runId: runIdOf(id) }),
      watch: companion.watch,
      previewId: companion.previewId,
    };
    const taken = await takeWhenOpen(question);
    if (taken.kind === "accepted") return void taken.done.finally(companion.ended);
    companion.ended();
    if (taken.kind === "duplicate") return;
    const { reason } = taken;
    if (reason === "storage-full" || reason === "shutting-down")
      throw new ChannelFault("platform", `the message was not taken: ${taken.message}`, {
        fix: "openclaw doctor",
      });
    store.database.transaction(() => inbox.record(id, { kind: "dropped", reason }), { durable: true });
    say(message, "refused", `I could not take this message: ${taken.message}.`);
  }

  /** Daily, or after a pause, if the config says so; never under a turn that is still open. */
  function beginAnew({ chat }: InboundMessage, agentId: string, rest: string, config: Config): void {
    const session = store.find(sessionKey(agentId, rest).text);
    if (!session || services.lanes.activeRunIds(session.key).length > 0) return;
    const now = clock.now();
    const type = chat.threadId === undefined ? chat.kind : "thread";
    const facts = { channel: channel.id, type, now, updatedAt: session.updatedAt } as const;
    if (!isResetDue(config.session, { ...facts, lastTimeItWas: (hour) => lastTimeItWas(hour, now) })) return;
    if (services.journal.pending(session.key).length > 0) return;
    resetSession(store, session, now);
    input.log.info("the conversation begins anew (session.reset)", {
      sessionKey: session.key,
      step: "route",
    });
  }

  async function takeWhenOpen(question: TurnMessage): Promise<Taken> {
    for (;;) {
      const taken = takeTurn(question, services);
      if (taken.kind !== "dropped" || !PASSING.has(taken.reason)) return taken;
      await new Promise<void>((resolve) => {
        const timer = clock.after(TRY_AGAIN_MS, done);
        signal.addEventListener("abort", done, { once: true });
        function done(): void {
          timer[Symbol.dispose]();
          signal.removeEventListener("abort", done);
          resolve();
        }
      });
      signal.throwIfAborted();
    }
  }

  function replyAddress(message: InboundMessage, { replyToMode }: ChatPolicy): ReplyAddress {
    const { chat, messageId } = message;
    // In a group it has to be seen who is answered.
    const quotes = (replyToMode ?? (chat.kind === "group" ? "first" : "off")) !== "off";
    return {
      channel: channel.id,
      accountId,
      chatId: chat.id,
      ...(chat.threadId !== undefined && { threadId: chat.threadId }),
      ...(quotes && !message.viaButton && { replyToId: messageId }),
    };
  }

  function say(message: InboundMessage, what: string, body: string): void {
    const { chat, messageId } = message;
    outbox.add({
      idempotencyKey: `${what}:${channel.id}:${accountId}:${chat.id}:${messageId}`,
      channel: channel.id,
      accountId,
      chatId: chat.id,
      threadId: chat.threadId,
      body,
    });
    input.onQueued();
  }

  return (message) => {
    const { id } = message.chat;
    const run = () => take(message);
    const before = chats.get(id);
    const done = (before ? before.then(run, run) : run()).finally(() => {
      if (chats.get(id) === done) chats.delete(id);
    });
    chats.set(id, done);
    return done;
  };
}

/** The same message is the same run, however often it comes. */
function runIdOf({ channel, accountId, chatId, messageId }: InboundId): string {
  return `chat-${sha256Hex(JSON.stringify([channel, accountId, chatId, messageId])).slice(0, 32)}`;
}
