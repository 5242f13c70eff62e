import {
  type Channel,
  type ChannelAccount,
  ChannelFault,
  type ConnectInput,
  type Connection,
  defineChannel,
  type FaultKind,
} from "../../src/channels/channel.ts";
import type { InboundMessage } from "../../src/channels/inbound.ts";
import type { OutgoingMessage, SendResult } from "../../src/channels/outgoing.ts";

/** What happens to the next message of ours, or to all until it is set anew. */
export type SendMode =
  | "ok"
  | "refuse"
  /** It has arrived, and nobody hears of it. */
  | "lost-receipt"
  /** It has not arrived, and nobody knows. */
  | "reset"
  | "hang"
  | { result: SendResult };

export interface Delivered {
  messageId: string;
  clientId: string;
  chatId: string;
  threadId?: string;
  replyToId?: string;
  text: string;
}

/** A chat platform in this process that lives on while gateways come and go, with its own ledger. */
export interface LoopbackPlatform {
  channel: Channel;
  /** Everything that people see, in order. */
  delivered: Delivered[];
  typing: string[];
  edits: { messageId: string; text: string }[];
  /** How often somebody connected, well or not. */
  connects: number;
  send: SendMode;
  /** Undefined: connecting works. "hang": it never ends. */
  refuse: FaultKind | "hang" | undefined;
  /** Whether what was not acknowledged is brought again after a reconnect. */
  redelivers: boolean;
  /** Puts a message into the platform. It is brought until the gateway has said that it has it. */
  post(
    message: Partial<InboundMessage> & { text: string; chatId?: string; senderId?: string },
  ): InboundMessage;
  /** Brings one more time what was acknowledged already. */
  repeat(message: InboundMessage): void;
  /** Ends the connection of the platform's own accord. */
  drop(kind?: FaultKind, message?: string): void;
  /** The gateway at the other end is gone without a word. */
  cut(): void;
  /** The connection stays open, and nothing comes any more. */
  goSilent(): void;
  prove(): void;
  isConnected(): boolean;
  /** Messages nobody has acknowledged. */
  unacknowledged(): number;
  /** Resolves when everything posted is acknowledged. */
  acknowledged(): Promise<void>;
  /** Resolves when so many messages have been delivered. */
  sees(count: number): Promise<void>;
}

export interface LoopbackOptions {
  id?: string;
  exclusive?: boolean;
  /** The platform can be asked whether a message has arrived. */
  reconciles?: boolean;
  edits?: boolean;
  maxTextLength?: number;
}

export function openLoopback(options: LoopbackOptions = {}): LoopbackPlatform {
  const { id = "loopback", maxTextLength = 4_000, reconciles = true } = options;
  const pending: InboundMessage[] = [];
  let live:
    | { input: ConnectInput; end(fault: ChannelFault): void; pulling: boolean; silent: boolean }
    | undefined;
  let counter = 0;
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };

  function until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  }

  /** Hands over what is there, one chat after another in order, as a poll does. */
  async function pull(): Promise<void> {
    const to = live;
    if (!to || to.pulling || to.silent) return;
    to.pulling = true;
    try {
      for (let message = pending[0]; message; message = pending[0]) {
        await to.input.receive(message);
        if (live !== to) return;
        pending.shift();
        changed();
      }
    } catch (error) {
      if (!platform.redelivers) pending.shift();
      if (live === to)
        to.end(error instanceof ChannelFault ? error : new ChannelFault("protocol", String(error)));
    } finally {
      to.pulling = false;
    }
  }

  function put(message: OutgoingMessage): SendResult {
    const messageId = `out-${++counter}`;
    const { clientId, chatId, threadId, replyToId, text } = message;
    platform.delivered.push({
      messageId,
      clientId,
      chatId,
      text,
      ...(threadId !== undefined && { threadId }),
      ...(replyToId !== undefined && { replyToId }),
    });
    changed();
    return { kind: "sent", messageId };
  }

  async function send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult> {
    const { send: mode } = platform;
    if (typeof mode === "object") return mode.result;
    if (message.chatId === "nowhere")
      return { kind: "refused", reason: "no-such-chat", message: "there is no such chat" };
    if (signal.aborted) return { kind: "unknown", message: "given up" };
    switch (mode) {
      case "ok":
        return put(message);
      case "refuse":
        return { kind: "failed", message: "connection refused" };
      case "lost-receipt":
        put(message);
        return { kind: "unknown", message: "connection reset" };
      case "reset":
        return { kind: "unknown", message: "connection reset" };
      case "hang":
        return await new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ kind: "unknown", message: "aborted" }), {
            once: true,
          }),
        );
    }
  }

  async function connect(input: ConnectInput): Promise<Connection> {
    platform.connects++;
    changed();
    if (platform.refuse === "hang") return await new Promise(() => {});
    if (platform.refuse !== undefined)
      throw new ChannelFault(platform.refuse, `${platform.refuse} fault`, {
        fix: "openclaw channels status --probe",
      });
    const closed = Promise.withResolvers<ChannelFault>();
    const mine = { input, end: closed.resolve, pulling: false, silent: false };
    live = mine;
    input.onProof();
    queueMicrotask(() => void pull());
    changed();
    return {
      self: { id: "bot", name: "loopback bot" },
      proofWithinMs: 90_000,
      closed: closed.promise,
      // Who is gone sends nothing, and hears nothing.
      send: (message, signal) => (live === mine ? send(message, signal) : new Promise(() => {})),
      typing: ({ chatId }) => void platform.typing.push(chatId),
      ...(options.edits && {
        async edit(target: { messageId: string }, part: { text: string }) {
          platform.edits.push({ messageId: target.messageId, text: part.text });
          const known = platform.delivered.find(({ messageId }) => messageId === target.messageId);
          if (known) known.text = part.text;
          changed();
          return { kind: "sent" as const, messageId: target.messageId };
        },
      }),
      ...(reconciles && {
        async reconcile(message: OutgoingMessage) {
          const found = platform.delivered.find(({ clientId }) => clientId === message.clientId);
          return found
            ? { kind: "sent" as const, messageId: found.messageId }
            : { kind: "not-sent" as const };
        },
      }),
      async [Symbol.asyncDispose]() {
        if (live === mine) live = undefined;
        changed();
      },
    };
  }

  const channel = defineChannel({
    id,
    label: id === "loopback" ? "Loopback" : id,
    capabilities: {
      chats: ["direct", "group", "thread"],
      maxTextLength,
      edit: options.edits ?? false,
      react: false,
      typing: true,
      reply: true,
      maxUploadBytes: 0,
      maxDownloadBytes: 0,
      nativeCommands: false,
      exclusive: options.exclusive ?? false,
    },
    accounts(section) {
      const { accounts, ...rest } = section as { accounts?: Record<string, Record<string, unknown>> };
      const all = { ...(accounts ? {} : { default: {} }), ...accounts };
      return Object.entries(all).map(([accountId, own]): ChannelAccount => {
        const settings: Record<string, unknown> = { ...rest, ...own };
        return {
          channel: id,
          accountId,
          enabled: settings.enabled !== false,
          fingerprint: JSON.stringify([settings.token ?? null]),
          settings,
          secrets: [],
          ...(settings.token === "" && {
            missing: { what: "no token", fix: `openclaw config set channels.${id}.token` },
          }),
        };
      });
    },
    format(markdown) {
      const parts = markdown.match(new RegExp(`[\\s\\S]{1,${maxTextLength}}`, "g")) ?? [];
      return parts.map((text) => ({ text, plain: text }));
    },
    connect,
    async probe() {
      const { refuse } = platform;
      const summary = refuse === undefined ? "works" : `${refuse} fault`;
      const ok = refuse === undefined;
      return { ok, summary, audit: [{ ok, text: ok ? "audit ok" : summary }], elapsedMs: 0 };
    },
  });

  const platform: LoopbackPlatform = {
    channel,
    delivered: [],
    typing: [],
    edits: [],
    connects: 0,
    send: "ok",
    refuse: undefined,
    redelivers: true,
    post({ chatId = "c1", senderId = "u1", ...rest }) {
      const message: InboundMessage = {
        messageId: `m${++counter}`,
        chat: { id: chatId, kind: "direct" },
        sender: { id: senderId, name: "Ann", isBot: false },
        mentionsUs: false,
        attachments: [],
        sentAtMs: 0,
        ...rest,
      };
      pending.push(message);
      void pull();
      return message;
    },
    repeat(message) {
      pending.push(message);
      void pull();
    },
    drop: (kind = "network", message = "connection lost") => live?.end(new ChannelFault(kind, message)),
    cut() {
      live = undefined;
      changed();
    },
    goSilent() {
      if (live) live.silent = true;
    },
    prove: () => live?.input.onProof(),
    isConnected: () => live !== undefined,
    unacknowledged: () => pending.length,
    acknowledged: () => until(() => pending.length === 0),
    sees: (count) => until(() => platform.delivered.length >= count),
  };
  return platform;
}
