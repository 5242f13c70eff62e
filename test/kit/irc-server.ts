import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type IrcLine, parseLine } from "../../src/channels/irc/line.ts";
import { until } from "./until.ts";

/** Somebody connected to it: a bot under test, or a person the test moves by `say` of `IrcServer`. */
export interface IrcClient {
  nick: string;
  user: string;
  account: string | undefined;
  caps: Set<string>;
  /** Pieces of AUTHENTICATE so far. */
  told: string;
  socket: Socket;
  /** As the server sees it: every line the client has sent. */
  sent: string[];
  isIn: boolean;
  /** One line as it stands. */
  tell(line: string): void;
}

export interface IrcServerOptions {
  /** Capabilities offered; none: the server does not know CAP. */
  caps?: readonly string[];
  /** Tokens of RPL_ISUPPORT. */
  isupport?: readonly string[];
  /** By account. */
  sasl?: Readonly<Record<string, string>>;
  /** Nicks others have. */
  taken?: readonly string[];
  password?: string;
  tls?: { cert: string; key: string };
  /** Where it listens; 127.0.0.1 unless told otherwise. */
  host?: string;
  /** Looks at a line first; true when the server shall do nothing more with it. */
  intercept?(client: IrcClient, line: IrcLine): boolean | undefined;
  /** Greets with ERROR and hangs up. */
  refuse?: string;
}

/** A server that behaves like the real ones, and badly when told to. Everybody is in one process and one channel list. */
export interface IrcServer extends AsyncDisposable {
  port: number;
  options: IrcServerOptions;
  clients: Set<IrcClient>;
  taken: Set<string>;
  /** Connections made so far. */
  connections(): number;
  /** Waits until somebody of this nick is registered. */
  client(nick: string): Promise<IrcClient>;
  /** A stranger's words: `from` is "nick!user@host". */
  say(from: string, target: string, text: string, tags?: string): void;
  /** A line to everybody. */
  tellAll(line: string): void;
  /** Reads nothing and says nothing from now on, connections stay. */
  freeze(): void;
  members(channel: string): Set<IrcClient>;
}

export async function openIrcServer(options: IrcServerOptions = {}): Promise<IrcServer> {
  const clients = new Set<IrcClient>();
  const channels = new Map<string, Set<IrcClient>>();
  const taken = new Set(options.taken?.map((nick) => nick.toLowerCase()));
  const sockets = new Set<Socket>();
  let count = 0;
  let isFrozen = false;

  const members = (channel: string): Set<IrcClient> => {
    const key = channel.toLowerCase();
    const found = channels.get(key) ?? new Set();
    channels.set(key, found);
    return found;
  };

  function accept(socket: Socket): void {
    count++;
    const client: IrcClient = {
      nick: "*",
      user: "",
      account: undefined,
      caps: new Set(),
      told: "",
      socket,
      sent: [],
      isIn: false,
      tell: (line) => void (isFrozen || socket.destroyed || socket.write(`${line}\r\n`)),
    };
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      clients.delete(client);
      for (const room of channels.values()) room.delete(client);
    });
    if (server.options.refuse) {
      socket.resume().end(`ERROR :Closing Link: 127.0.0.1 (${server.options.refuse})\r\n`);
      return;
    }
    clients.add(client);
    let rest = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      if (isFrozen) return;
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop()!;
      for (const text of lines) {
        client.sent.push(text);
        const line = parseLine(text);
        if (line && server.options.intercept?.(client, line) !== true) obey(client, line);
      }
    });
  }

  const mask = ({ nick, user }: IrcClient) => `${nick}!~${user}@127.0.0.1`;
  const find = (nick: string) =>
    [...clients].find((one) => one.isIn && one.nick.toLowerCase() === nick.toLowerCase());

  type Numeric = (code: string, ...rest: string[]) => void;
  type Handler = (client: IrcClient, params: readonly string[], numeric: Numeric) => unknown;

  const handlers: Readonly<Record<string, Handler>> = {
    CAP: (client, params, numeric) => cap(client, params, numeric),
    PASS: (client, [given]) =>
      client.sent.push(`(password ${given === server.options.password ? "right" : "wrong"})`),
    AUTHENTICATE: (client, [word = ""], numeric) => authenticate(client, word, numeric),
    NICK(client, [nick = ""], numeric) {
      if (find(nick) || taken.has(nick.toLowerCase())) {
        numeric("433", nick, ":Nickname is already in use");
        return;
      }
      if (client.isIn) server.tellAll(`:${mask(client)} NICK :${nick}`);
      client.nick = nick;
      welcome(client, numeric);
    },
    USER(client, [user = ""], numeric) {
      client.user = user;
      welcome(client, numeric);
    },
    PING: (client, [token]) => client.tell(`:irc.test PONG irc.test :${token}`),
    JOIN(client, [names = ""], numeric) {
      for (const channel of names.split(",")) {
        members(channel).add(client);
        for (const one of members(channel)) one.tell(`:${mask(client)} JOIN ${channel}`);
        numeric("366", channel, ":End of NAMES list");
      }
    },
    WHOIS(_client, [nick = ""], numeric) {
      const who = find(nick);
      if (!who) numeric("401", nick, ":No such nick");
      else numeric("311", who.nick, `~${who.user}`, "127.0.0.1", "*", ":real");
      if (who?.account) numeric("330", who.nick, who.account, ":is logged in as");
      numeric("318", nick, ":End of WHOIS");
    },
    PRIVMSG: (client, [target = "", text = ""], numeric) => relay(client, target, text, numeric),
    QUIT: (client) => client.socket.end("ERROR :Closing Link\r\n"),
    MODE: () => {},
    NOTICE: () => {},
  };

  function obey(client: IrcClient, { command, params }: IrcLine): void {
    const numeric: Numeric = (code, ...rest) =>
      client.tell(`:irc.test ${code} ${client.nick} ${rest.join(" ")}`);
    const handler = handlers[command];
    if (handler) handler(client, params, numeric);
    else numeric("421", command, ":Unknown command");
  }

  function cap(client: IrcClient, params: readonly string[], numeric: Numeric): void {
    const offered = server.options.caps ?? [];
    const half = Math.ceil(offered.length / 2);
    const names = (params[1] ?? "").split(" ");
    const isKnown = names.every((name) => offered.some((one) => one.split("=")[0] === name));
    if (offered.length === 0) {
      numeric("421", "CAP", ":Unknown command");
    } else if (params[0] === "LS") {
      client.tell(`:irc.test CAP * LS * :${offered.slice(0, half).join(" ")}`);
      client.tell(`:irc.test CAP * LS :${offered.slice(half).join(" ")}`);
    } else if (params[0] === "REQ") {
      if (isKnown) for (const name of names) client.caps.add(name);
      client.tell(`:irc.test CAP * ${isKnown ? "ACK" : "NAK"} :${names.join(" ")}`);
    } else if (params[0] === "END") {
      client.caps.add("(end)");
      welcome(client, numeric);
    }
  }

  function authenticate(client: IrcClient, word: string, numeric: Numeric): void {
    if (word === "PLAIN" || word === "EXTERNAL") {
      client.tell("AUTHENTICATE +");
      return;
    }
    client.told += word === "+" ? "" : word;
    if (word.length === 400) return;
    const [, account = "", password = ""] = Buffer.from(client.told, "base64").toString().split("\0");
    if (server.options.sasl?.[account] !== password) {
      numeric("904", ":SASL authentication failed");
      return;
    }
    client.account = account;
    numeric("900", mask(client), account, `:You are now logged in as ${account}`);
    numeric("903", ":SASL authentication successful");
  }

  function welcome(client: IrcClient, numeric: Numeric): void {
    const isNegotiating = client.sent.some((line) => line.startsWith("CAP LS")) && !client.caps.has("(end)");
    if (client.isIn || client.nick === "*" || !client.user) return;
    if (isNegotiating && (server.options.caps ?? []).length > 0) return;
    if (server.options.password !== undefined && !client.sent.includes("(password right)")) {
      numeric("464", ":Password incorrect");
      client.socket.end("ERROR :Closing Link: 127.0.0.1 (Bad Password)\r\n");
      return;
    }
    client.isIn = true;
    numeric("001", `:Welcome ${mask(client)}`);
    numeric("005", ...(server.options.isupport ?? ["NETWORK=Test", "CASEMAPPING=ascii"]), ":are supported");
    numeric("422", ":MOTD File is missing");
  }

  function relay(client: IrcClient, target: string, text: string, numeric: Numeric): void {
    const isChannel = target.startsWith("#");
    const person = find(target);
    if (isChannel && !members(target).has(client)) numeric("404", target, ":Cannot send to channel");
    else if (!isChannel && !person) numeric("401", target, ":No such nick/channel");
    else {
      const said = `:${mask(client)} PRIVMSG ${target} :${text}`;
      for (const one of isChannel ? members(target) : [person!]) if (one !== client) one.tell(said);
      if (client.caps.has("echo-message")) client.tell(`@msgid=own-${client.sent.length} ${said}`);
    }
  }

  const listener: Server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept);
  await new Promise<void>((resolve) => listener.listen(0, options.host ?? "127.0.0.1", resolve));
  const server: IrcServer = {
    port: (listener.address() as AddressInfo).port,
    options: { ...options },
    clients,
    taken,
    connections: () => count,
    client: (nick) => until(`${nick} is on the server`, () => find(nick)),
    say(from, target, text, tags) {
      const line = `${tags ? `@${tags} ` : ""}:${from} PRIVMSG ${target} :${text}`;
      const receivers = target.startsWith("#")
        ? members(target)
        : [find(target)].filter((one) => one !== undefined);
      for (const one of receivers) one.tell(line);
    },
    tellAll(line) {
      for (const one of clients) if (one.isIn) one.tell(line);
    },
    freeze() {
      isFrozen = true;
    },
    members,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  return server;
}
