import { ChannelFault } from "../channel.ts";
import { buildLine, type IrcLine, parseLine } from "./line.ts";
import { splitLines } from "./lines.ts";
import { errorFault } from "./refusals.ts";
import { openSocket, type SocketInput } from "./socket.ts";

/** A connection to a server as lines, before anybody knows who we are. Ends once, with one reason. */
export interface Wire {
  /** Nothing happens after the end. Throws for parameters that would not stay where they belong. */
  send(command: string, ...params: string[]): void;
  /** Every line from now on, in order; PING is answered already. A handler that throws ends the connection. */
  onLine(handler: (line: IrcLine) => void): Disposable;
  /** The first line that `read` makes something of; nothing is lost that comes after this call. Never rejects. */
  answer<T>(
    read: (line: IrcLine) => T | undefined,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Answer<T>>;
  /** Never rejects. */
  closed: Promise<ChannelFault>;
  /** Undefined while it is open. */
  fault(): ChannelFault | undefined;
  end(fault: ChannelFault): void;
  /** Says QUIT, and leaves the line open for a moment so that it arrives. */
  quit(message: string): void;
  /** Stops and goes on reading: what we cannot take stays with the server. Answers that are waited for are read all the same. */
  hold(held: boolean): void;
  encrypted: boolean;
}

export type Answer<T> =
  | { kind: "answer"; value: T }
  | { kind: "late" }
  | { kind: "aborted" }
  | { kind: "closed"; fault: ChannelFault };

const QUIT_MS = 500;

export async function openWire({ settings, clock, signal }: SocketInput): Promise<Wire> {
  const handlers = new Set<(line: IrcLine) => void>();
  const waiting = new Set<(reason: ChannelFault) => void>();
  const socket = await openSocket({ settings, clock, signal });
  const ended = Promise.withResolvers<ChannelFault>();
  let fault: ChannelFault | undefined;
  let isHeld = false;

  function balance(): void {
    if (isHeld && waiting.size === 0) socket.pause();
    else socket.resume();
  }

  function end(reason: ChannelFault): void {
    if (fault) return;
    close(reason);
    socket.destroy();
  }

  function close(reason: ChannelFault): void {
    fault = reason;
    signal.removeEventListener("abort", onStop);
    ended.resolve(reason);
    for (const tell of [...waiting]) tell(reason);
  }

  function quit(message: string): void {
    if (fault) return;
    close(new ChannelFault("network", "we have closed the connection"));
    socket.end(`${buildLine("QUIT", [message])}\r\n`);
    const timer = clock.after(QUIT_MS, () => socket.destroy());
    socket.once("close", () => timer[Symbol.dispose]());
  }

  const onStop = () => quit("going away");
  signal.addEventListener("abort", onStop, { once: true });

  function send(command: string, ...params: string[]): void {
    const line = buildLine(command, params);
    if (!fault) socket.write(`${line}\r\n`);
  }

  function take(text: string): void {
    const line = parseLine(text);
    if (!line || fault) return;
    if (line.command === "PING") send("PONG", ...line.params.slice(0, 1));
    if (line.command === "ERROR") end(errorFault(line.params.at(-1) ?? ""));
    else for (const handler of [...handlers]) handler(line);
  }

  const read = splitLines(take);
  socket.on("data", (chunk: Buffer) => {
    try {
      if (!fault) read(chunk);
    } catch (cause) {
      end(
        cause instanceof ChannelFault
          ? cause
          : new ChannelFault("protocol", "a line of the server could not be read", { cause }),
      );
    }
  });
  socket.on("error", (cause) =>
    end(new ChannelFault("network", `the connection broke: ${cause.message}`, { cause })),
  );
  socket.on("close", () =>
    end(new ChannelFault("network", "the server closed the connection without a word")),
  );

  return {
    send,
    onLine(handler) {
      handlers.add(handler);
      return { [Symbol.dispose]: () => void handlers.delete(handler) };
    },
    answer: (read, timeoutMs, signal) =>
      new Promise((resolve) => {
        const done = (result: Parameters<typeof resolve>[0]) => {
          timer[Symbol.dispose]();
          handlers.delete(handler);
          waiting.delete(onEnd);
          balance();
          signal?.removeEventListener("abort", onAbort);
          resolve(result);
        };
        const handler = (line: IrcLine) => {
          const value = read(line);
          if (value !== undefined) done({ kind: "answer", value });
        };
        const onEnd = (reason: ChannelFault) => done({ kind: "closed", fault: reason });
        const onAbort = () => done({ kind: "aborted" });
        const timer = clock.after(timeoutMs, () => done({ kind: "late" }));
        handlers.add(handler);
        waiting.add(onEnd);
        balance();
        signal?.addEventListener("abort", onAbort, { once: true });
        if (fault) onEnd(fault);
        else if (signal?.aborted) onAbort();
      }),
    closed: ended.promise,
    fault: () => fault,
    end,
    quit,
    hold(held) {
      isHeld = held;
      balance();
    },
    encrypted: settings.tls !== undefined,
  };
}
