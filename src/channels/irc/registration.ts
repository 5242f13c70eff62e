import type { Clock } from "../../platform/clock.ts";
import { ChannelFault } from "../channel.ts";
import type { IrcSettings } from "./accounts.ts";
import type { IrcLine } from "./line.ts";
import { foldName, learnNetwork, type Network, newNetwork } from "./names.ts";
import { registrationFault } from "./refusals.ts";
import { openSasl, type Sasl } from "./sasl.ts";
import type { Wire } from "./wire.ts";

/** What the server and we have agreed on. */
export interface Registered {
  nick: string;
  caps: ReadonlySet<string>;
  network: Network;
  /** Logged in to the account by SASL. */
  identified: boolean;
}

/**
 * From the first line to the server's word that we are in; slow servers look up our address and ask for an ident first. With
 * the time to connect it stays within what a supervisor gives.
 */
const REGISTER_MS = 18_000;
const MAX_NICKS = 6;
const MAX_CAPS = 256;

const WANTED = [
  "message-tags",
  "server-time",
  "account-tag",
  "account-notify",
  "batch",
  "echo-message",
  "chghost",
];
const FENCE = "openclaw-registered";

/**
 * Says who we are. Where SASL is configured nothing less will do: without it the connection ends, it is never used
 * unidentified.
 */
export async function register(wire: Wire, settings: IrcSettings, clock: Clock): Promise<Registered> {
  const done = Promise.withResolvers<Registered>();
  const state = openRegistration(wire, settings, done.resolve);
  using _late = clock.after(REGISTER_MS, () =>
    wire.end(
      new ChannelFault("timeout", `${settings.host} did not let us in within ${REGISTER_MS / 1000} s`),
    ),
  );
  using _lines = wire.onLine(state.take);
  void wire.closed.then(done.reject);
  state.begin();
  return await done.promise;
}

function openRegistration(wire: Wire, settings: IrcSettings, onDone: (registered: Registered) => void) {
  const network = newNetwork();
  const offered = new Set<string>();
  const caps = new Set<string>();
  const sasl: Sasl | undefined = settings.sasl && openSasl(wire, settings.sasl);
  /** CAP REQ that have no answer yet. */
  let asked = 0;
  let hasEndedCaps = false;
  let nick = settings.nick;
  let tried = 1;
  let isWelcome = false;

  function begin(): void {
    wire.send("CAP", "LS", "302");
    if (settings.password !== undefined) wire.send("PASS", settings.password);
    wire.send("NICK", nick);
    wire.send("USER", settings.username, "0", "*", settings.realname);
  }

  function request(): void {
    if (sasl && !offered.has("sasl")) {
      const what = `${settings.host} offers no SASL at the moment; its services may be down`;
      wire.end(new ChannelFault("platform", what));
      return;
    }
    // SASL by itself: a server refuses a list as a whole.
    const lists = [WANTED.filter((cap) => offered.has(cap)), sasl ? ["sasl"] : []].filter(
      (list) => list.length > 0,
    );
    asked = lists.length;
    for (const list of lists) wire.send("CAP", "REQ", list.join(" "));
    endCaps();
  }

  function endCaps(): void {
    if (hasEndedCaps || asked > 0 || (sasl && !sasl.done())) return;
    hasEndedCaps = true;
    wire.send("CAP", "END");
  }

  function takeCap({ params }: IrcLine): void {
    const names = (params.at(-1) ?? "").split(" ").filter(Boolean);
    switch (params[1]?.toUpperCase()) {
      case "LS":
        for (const name of names) {
          if (offered.size < MAX_CAPS) offered.add(name.split("=")[0]!);
        }
        if (params[2] !== "*") request();
        break;
      case "ACK":
        for (const name of names) caps.add(name.replace(/^[~=]/, ""));
        asked--;
        if (names.includes("sasl")) sasl?.begin();
        endCaps();
        break;
      case "NAK":
        asked--;
        if (names.includes("sasl")) wire.end(new ChannelFault("platform", `${settings.host} refuses SASL`));
        endCaps();
        break;
      case "DEL":
        for (const name of names) caps.delete(name);
        break;
    }
  }

  function nextNick(): void {
    if (isWelcome) return;
    if (tried >= MAX_NICKS) {
      const what = `the nick ${settings.nick} and ${MAX_NICKS - 1} like it are in use`;
      wire.end(new ChannelFault("conflict", what));
      return;
    }
    nick = `${settings.nick.slice(0, 28)}${tried < 3 ? "_".repeat(tried) : tried}`;
    tried++;
    wire.send("NICK", nick);
  }

  function welcome(given: string | undefined): void {
    if (sasl && !sasl.done()) {
      wire.end(new ChannelFault("auth", `${settings.host} let us in without SASL`));
      return;
    }
    isWelcome = true;
    nick = given ?? nick;
    // What the server says about itself comes before the answer to this.
    wire.send("PING", FENCE);
  }

  function take(line: IrcLine): void {
    const { command, params } = line;
    const fault = registrationFault(line, settings.path);
    if (fault) wire.end(fault);
    sasl?.take(line);
    if (command === "CAP") takeCap(line);
    else if (command === "903" || command === "907") endCaps();
    else if (["433", "436", "437"].includes(command)) nextNick();
    else if (command === "001") welcome(params[0]);
    else if (command === "005") learnNetwork(network, params);
    else if (command === "NICK" && foldName(network, line.nick) === foldName(network, nick))
      nick = params[0] ?? nick;
    else if (command === "PONG" && isWelcome && params.at(-1) === FENCE)
      onDone({ nick, caps, network, identified: sasl !== undefined });
  }

  return { begin, take };
}
