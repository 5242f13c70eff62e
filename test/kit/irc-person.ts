import { connect, type Socket } from "node:net";
import { type IrcLine, parseLine } from "../../src/channels/irc/line.ts";
import { splitLines } from "../../src/channels/irc/lines.ts";
import { until } from "./until.ts";

/** Somebody at an IRC client, on whatever server; written without the code under test, but for how a line is read. */
export interface IrcPerson extends Disposable {
  nick: string;
  /** Everything the server has said. */
  lines: IrcLine[];
  /** What others have said to this person or in their channels, as "nick target text". */
  heard: string[];
  say(target: string, text: string): void;
  raw(line: string): void;
  /** Comes in, again after the server was gone. */
  join(channel: string): Promise<void>;
  /** Waits until `nick` is in the channel, however often they came and went before. */
  sees(nick: string, channel: string): Promise<void>;
}

export async function openIrcPerson(port: number, nick: string, password?: string): Promise<IrcPerson> {
  const socket: Socket = connect(port, "127.0.0.1");
  const lines: IrcLine[] = [];
  const heard: string[] = [];
  const raw = (line: string) => void socket.write(`${line}\r\n`);
  socket.on("error", () => {});
  socket.on(
    "data",
    splitLines((text) => {
      const line = parseLine(text);
      if (!line) return;
      lines.push(line);
      if (line.command === "PING") raw(`PONG :${line.params[0]}`);
      if (line.command === "PRIVMSG") heard.push([line.nick, ...line.params].join(" "));
    }),
  );
  if (password !== undefined) raw(`PASS ${password}`);
  raw(`NICK ${nick}`);
  raw(`USER ${nick} 0 * :${nick}`);
  const has = (command: string, ...params: string[]) =>
    lines.some((line) => line.command === command && params.every((param, at) => line.params[at] === param));
  await until(`${nick} is in`, () => has("376") || has("422"));
  return {
    nick,
    lines,
    heard,
    raw,
    say: (target, text) => raw(`PRIVMSG ${target} :${text}`),
    async join(channel) {
      raw(`JOIN ${channel}`);
      await until(`${nick} is in ${channel}`, () =>
        lines.some((line) => line.command === "366" && line.params[1] === channel),
      );
    },
    async sees(other, channel) {
      let from = lines.length;
      raw(`NAMES ${channel}`);
      await until(`${nick} sees ${other} in ${channel}`, () => {
        const fresh = lines.slice(from);
        if (!fresh.some((line) => line.command === "366" && line.params[1] === channel)) return false;
        const names = fresh.flatMap((line) => (line.command === "353" ? line.params[3]!.split(" ") : []));
        if (names.some((name) => name.replace(/^[~&@%+]+/, "") === other)) return true;
        from = lines.length;
        raw(`NAMES ${channel}`);
        return false;
      });
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
