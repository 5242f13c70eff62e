import type { ChannelFault, ConnectInput, Connection } from "../channel.ts";
import { settingsOf, type TelegramSettings } from "./accounts.ts";
import { type BotApi, openBotApi } from "./api.ts";
import { publishCommands } from "./commands.ts";
import { openKnownIds } from "./ids.ts";
import { openMoves } from "./moves.ts";
import { GRACE_MS, POLL_SECONDS, poll } from "./poll.ts";
import { createReceiver } from "./receive.ts";
import { faultOf } from "./refusals.ts";
import { createSender } from "./send.ts";
import { openWebhook, setWebhook, WEBHOOK_PROOF_MS, watchWebhook } from "./webhook.ts";

/** What is on its way when the connection ends may still arrive: nobody wants to wonder whether it did. */
const LAST_SENDS_MS = 1_500;

const CALL = { connectMs: 10_000, firstByteMs: 20_000, idleMs: 15_000, totalMs: 60_000 };
const UPLOAD = { connectMs: 10_000, firstByteMs: 60_000, idleMs: 15_000, totalMs: 900_000 };
const POLL = {
  connectMs: 10_000,
  firstByteMs: POLL_SECONDS * 1_000 + GRACE_MS,
  idleMs: 15_000,
  totalMs: POLL_SECONDS * 1_000 + 2 * GRACE_MS,
};

export async function connect(input: ConnectInput): Promise<Connection> {
  const { account, log, signal, clock } = input;
  const settings = settingsOf(account);
  const { apiRoot, token } = settings;
  const opened: BotApi[] = [];
  const open = (deadlines: typeof CALL): BotApi => {
    const api = openBotApi({ apiRoot, token, deadlines });
    opened.push(api);
    return api;
  };
  const closeAll = () => {
    for (const api of opened) api[Symbol.dispose]();
  };

  const api = open(CALL);
  try {
    const me = await identify(api, settings, input);
    const ids = openKnownIds(input);
    const moves = openMoves(input);
    const receive = createReceiver({
      ...input,
      settings,
      api,
      ids,
      moves,
      self: { id: me.id, username: me.username },
    });
    let uploads: BotApi | undefined;
    const sender = createSender({
      settings,
      api,
      ids,
      moves,
      log,
      uploads: () => (uploads ??= open(UPLOAD)),
    });
    const { webhook } = settings;
    if (webhook) await setWebhook({ ...input, settings, webhook, api });
    void publishCommands(settings, api, input);

    const sends = trackSends();
    const ended = webhook
      ? watchWebhook({ ...input, settings, webhook, api })
      : poll({ ...input, settings, receive, botId: me.id, api: open(POLL) });
    return {
      self: { id: String(me.id), name: `@${me.username}` },
      proofWithinMs: webhook ? WEBHOOK_PROOF_MS : POLL.totalMs,
      closed: ended.catch((error: unknown): ChannelFault => faultOf(error, "connection", settings)),
      ...(webhook && { webhook: openWebhook(webhook, receive) }),
      send: (message, until) => sends.run(until, (either) => sender.deliver(message, either)),
      edit: (target, part, until) => sends.run(until, (either) => sender.edit(target, part, either)),
      react: (target, emoji, until) => sends.run(until, (either) => sender.react(target, emoji, either)),
      reconcile: (message, until) => sends.run(until, (either) => sender.reconcile(message, either)),
      typing: (target) => sender.typing(target, signal),
      async [Symbol.asyncDispose]() {
        await sends.finish(clock);
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}

/** Who we are; and, for polling, no webhook in the way. */
async function identify(api: BotApi, settings: TelegramSettings, { signal, log }: ConnectInput) {
  let method = "getMe";
  try {
    const me = await api.calls.getMe(signal);
    if (settings.webhook) return me;
    method = "getWebhookInfo";
    const { url } = await api.calls.getWebhookInfo(signal);
    if (url === "") return me;
    method = "deleteWebhook";
    log.warn("the bot has a webhook, which keeps polls from working; it is removed", { url });
    await api.calls.deleteWebhook({ drop_pending_updates: false }, signal);
    return me;
  } catch (error) {
    throw faultOf(error, method, settings);
  }
}

/** Calls that change something outlive the connection's signal by a moment. */
function trackSends() {
  const stop = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async run<T>(until: AbortSignal, call: (either: AbortSignal) => Promise<T>): Promise<T> {
      const call_ = call(AbortSignal.any([until, stop.signal]));
      running.add(call_);
      try {
        return await call_;
      } finally {
        running.delete(call_);
      }
    },
    async finish(clock: ConnectInput["clock"]): Promise<void> {
      const late = Promise.withResolvers<void>();
      using _timer = clock.after(LAST_SENDS_MS, late.resolve);
      await Promise.race([Promise.allSettled(running), late.promise]);
      stop.abort(new Error("the connection has ended"));
    },
  };
}
