import type { Clock } from "../../platform/clock.ts";
import type { IrcLine } from "./line.ts";
import { foldName, type Network } from "./names.ts";
import type { Wire } from "./wire.ts";

/** Somebody on the network, as the server told us. */
export interface Person {
  /** "account:alice", or "nick!user@host" in small letters where there is no account. */
  id: string;
  nick: string;
  isBot: boolean;
}

export interface Identities extends Disposable {
  /** Who has said this line; undefined for servers. */
  of(line: IrcLine): Promise<Person | undefined>;
  /**
   * The nick under which a person can be written to now, or undefined when nobody, or somebody else, has it. Asks the server
   * unless it has shown them on this connection a moment ago.
   */
  nickOf(id: string): Promise<string | undefined>;
}

interface Seen {
  nick: string;
  atMs: number;
}

/** What WHOIS says of a nick. */
interface Whois {
  address: string;
  account: string | undefined;
  isBot: boolean;
}

const MAX_SEEN = 1_000;
/** What a server has shown counts for so long. */
const FRESH_MS = 5 * 60_000;
const WHOIS_MS = 15_000;
const ACCOUNT = "account:";
/** Where accounts are kept by nick over a restart; see `remember` of the contract. */
const NICKS = "nicks";
const MAX_NICKS = 64;

export const isPersonId = (id: string): boolean => id.startsWith(ACCOUNT) || id.includes("!");

export interface IdentitiesInput {
  network: Network;
  clock: Clock;
  /** The network says with each message who is logged in. */
  hasAccountTag: boolean;
  recall(key: string): string | undefined;
  remember(key: string, value: string): void;
}

export function openIdentities(
  wire: Wire,
  { network, clock, hasAccountTag, recall, remember }: IdentitiesInput,
): Identities {
  const fold = (name: string) => foldName(network, name);
  const seen = new Map<string, Seen>();
  /** By mask: who is behind it, as WHOIS said. */
  const asked = new Map<string, { atMs: number; found: Promise<Whois | undefined> }>();

  function note(id: string, nick: string): void {
    const isNew = seen.get(id)?.nick !== nick;
    seen.delete(id);
    seen.set(id, { nick, atMs: clock.monotonic() });
    if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value!);
    if (isNew && id.startsWith(ACCOUNT)) rememberNick(id, nick);
  }

  function knownNicks(): [string, string][] {
    try {
      return JSON.parse(recall(NICKS) ?? "[]");
    } catch {
      return [];
    }
  }

  function rememberNick(id: string, nick: string): void {
    const others = knownNicks().filter(([known]) => known !== id);
    remember(NICKS, JSON.stringify([[id, nick], ...others].slice(0, MAX_NICKS)));
  }

  /** Somebody who leaves or is called otherwise is not who they were. */
  function forget(nick: string): void {
    for (const mask of asked.keys()) if (mask.startsWith(`${fold(nick)}!`)) asked.delete(mask);
    for (const [id, { nick: known }] of seen) if (fold(known) === fold(nick)) seen.delete(id);
  }

  const lines = wire.onLine((line) => {
    if (["NICK", "QUIT", "ACCOUNT", "CHGHOST", "KILL"].includes(line.command)) forget(line.nick);
  });

  function whois(nick: string): Promise<Whois | undefined> {
    let address: string | undefined;
    let account: string | undefined;
    let isBot = false;
    const answer = wire.answer((line) => {
      if (fold(line.params[1] ?? "") !== fold(nick)) return undefined;
      switch (line.command) {
        case "311":
          address = `${line.params[2]}@${line.params[3]}`;
          return undefined;
        case "330":
          account = line.params[2];
          return undefined;
        case "335":
          isBot = true;
          return undefined;
        case "401":
        case "318":
          return { found: address === undefined ? undefined : { address, account, isBot } };
        default:
          return undefined;
      }
    }, WHOIS_MS);
    wire.send("WHOIS", nick);
    return answer.then((got) => (got.kind === "answer" ? got.value.found : undefined));
  }

  function whoisOnce(mask: string, nick: string): Promise<Whois | undefined> {
    const known = asked.get(mask);
    if (known && clock.monotonic() - known.atMs < FRESH_MS) return known.found;
    const found = whois(nick);
    asked.delete(mask);
    asked.set(mask, { atMs: clock.monotonic(), found });
    if (asked.size > MAX_SEEN) asked.delete(asked.keys().next().value!);
    return found;
  }

  async function of(line: IrcLine): Promise<Person | undefined> {
    const { nick, user, host, tags } = line;
    if (!nick || !user || !host) return undefined;
    const mask = fold(`${nick}!${user}@${host}`);
    let account = hasAccountTag ? tags.account : undefined;
    let isBot = "bot" in tags || "draft/bot" in tags;
    if (!hasAccountTag) {
      const found = await whoisOnce(mask, nick);
      // Another connection may have taken the nick between the message and the question.
      if (found && fold(found.address) === fold(`${user}@${host}`)) {
        account = found.account;
        isBot ||= found.isBot;
      }
    }
    const id = account ? `${ACCOUNT}${fold(account)}` : mask;
    note(id, nick);
    return { id, nick, isBot };
  }

  async function nickOf(id: string): Promise<string | undefined> {
    const known = seen.get(id);
    if (known && clock.monotonic() - known.atMs < FRESH_MS) return known.nick;
    const isAccount = id.startsWith(ACCOUNT);
    const nick =
      known?.nick ?? (isAccount ? knownNicks().find(([one]) => one === id)?.[1] : id.split("!")[0]);
    const found = nick && (await whois(nick));
    if (!nick || !found) return undefined;
    const is = isAccount
      ? found.account && `${ACCOUNT}${fold(found.account)}`
      : fold(`${nick}!${found.address}`);
    if (is !== id) return undefined;
    note(id, nick);
    return nick;
  }

  return { of, nickOf, [Symbol.dispose]: () => lines[Symbol.dispose]() };
}
