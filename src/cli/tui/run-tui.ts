import { randomUUID } from "node:crypto";
import type { CommandContext } from "../context.ts";
import { replyText } from "../reply-text.ts";
import { openLink } from "./link.ts";
import { openScreen, type Screen } from "./screen.ts";
import { openTranscript } from "./transcript.ts";

export interface TuiArgs {
  session: string;
  message: string | undefined;
  historyLimit: number;
}

interface History {
  sessionKey: string;
  messages: unknown[];
  inFlightRun?: { runId: string };
  sessionInfo?: { modelProvider?: string; model?: string };
}

const HELP = [
  "/session <key>    go to another conversation, or begin it",
  "/sessions         the newest conversations",
  "/abort, or Esc    stop the reply",
  "/clear            an empty screen; the conversation stays",
  "/quit, or Ctrl+D  leave; the gateway goes on",
  "Anything else is sent to the agent, other commands with a slash too.",
].join("\n");

/** Runs until the person leaves. Rejects with the `Fault` of the first connect. */
export async function runTui(args: TuiArgs, context: CommandContext): Promise<void> {
  const { url } = await context.target();
  const transcript = openTranscript();
  const left = Promise.withResolvers<void>();
  let sessionKey = args.session;
  let model = "";
  let screen: Screen | undefined;

  const link = await openLink({
    context,
    onEvent: (event) => void (transcript.onEvent(event, sessionKey) && redraw()),
    onLost: redraw,
    onBack() {
      transcript.note("connected again");
      void enter(sessionKey);
    },
  });

  function redraw(): void {
    const activity = transcript.running.size > 0 ? "running" : "idle";
    const state =
      link.lost === undefined ? `connected | ${activity}` : `gateway disconnected: ${link.lost} | idle`;
    screen?.status([state, sessionKey, model].filter((part) => part !== "").join(" | "));
    screen?.show(transcript.entries);
  }

  /** What a call says when it fails is for the person, and nothing else comes of it. */
  async function attempt<T>(what: string, call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      say(replyText(`${what}: ${(error as Error).message}`));
      return undefined;
    }
  }

  async function enter(key: string): Promise<void> {
    const history = await attempt(
      "history failed",
      link.call<History>("chat.history", { sessionKey: key, limit: args.historyLimit }),
    );
    if (!history) return;
    if (history.sessionKey !== sessionKey)
      void link.call("sessions.messages.unsubscribe", { key: sessionKey }).catch(() => {});
    sessionKey = history.sessionKey;
    const { modelProvider, model: name } = history.sessionInfo ?? {};
    model = modelProvider && name ? replyText(`${modelProvider}/${name}`) : "";
    transcript.load(history.messages);
    redraw();
    await attempt("live updates failed", link.call("sessions.messages.subscribe", { key: sessionKey }));
  }

  async function send(text: string): Promise<void> {
    const runId = randomUUID();
    transcript.sent(runId, text);
    redraw();
    try {
      await link.call("chat.send", { sessionKey, message: text, deliver: false, idempotencyKey: runId });
    } catch (error) {
      transcript.unsent(runId);
      const { name, message } = error as Error;
      transcript.note(replyText(`send failed: ${name === "ConnectionError" ? "Error" : name}: ${message}`));
      // Nothing that was typed is lost.
      if (screen?.input.get() === "") screen.input.set(text);
      redraw();
    }
  }

  async function listSessions(): Promise<void> {
    const list = await attempt(
      "sessions failed",
      link.call<{ sessions: { key: string; displayName?: string }[] }>("sessions.list", { limit: 20 }),
    );
    if (!list) return;
    const lines = list.sessions.map(({ key, displayName = "" }) => replyText(`${key}  ${displayName}`));
    say(lines.length > 0 ? lines.join("\n") : "no conversations yet");
  }

  function say(text: string): void {
    transcript.note(text);
    redraw();
  }

  const commands: Readonly<Record<string, (rest: string) => void>> = {
    quit: () => left.resolve(),
    exit: () => left.resolve(),
    help: () => say(HELP),
    clear() {
      transcript.clear();
      redraw();
    },
    abort,
    sessions: () => void listSessions(),
    session: (key) => (key === "" ? say(`this is ${sessionKey}; another one: /session <key>`) : void go(key)),
  };

  function onSubmit(text: string): void {
    screen?.input.set("");
    const [, command = "", rest = ""] = /^\/(\S+)\s*(.*)$/s.exec(text) ?? [];
    const own = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (own) own(rest);
    else void send(text);
  }

  async function go(key: string): Promise<void> {
    transcript.clear();
    await enter(key);
  }

  function abort(): void {
    if (transcript.running.size > 0) void attempt("stop failed", link.call("chat.abort", { sessionKey }));
  }

  context.signal.addEventListener("abort", () => left.resolve(), { once: true });
  screen = openScreen({
    title: `openclaw tui — ${url} — /help`,
    color: context.io.color.out,
    onSubmit,
    onEscape: abort,
    onQuit: () => left.resolve(),
  });
  try {
    await enter(sessionKey);
    if (args.message !== undefined) await send(args.message);
    await left.promise;
  } finally {
    screen.stop();
    link.close();
  }
}
