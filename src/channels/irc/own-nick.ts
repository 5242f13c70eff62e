import type { Clock } from "../../platform/clock.ts";
import type { IrcSettings } from "./accounts.ts";
import { foldName, type Network } from "./names.ts";
import type { Wire } from "./wire.ts";

const RETRY_MS = 60_000;

export interface OwnNick extends Disposable {
  current(): string;
  /** "nick!user@host" as others see it; undefined until the server has shown it. */
  mask(): string | undefined;
  isOurs(name: string): boolean;
}

/** Follows what we are called, and takes the configured nick back when it is free. */
export function openOwnNick(
  wire: Wire,
  { settings, clock, network, nick }: { settings: IrcSettings; clock: Clock; network: Network; nick: string },
): OwnNick {
  const fold = (name: string) => foldName(network, name);
  let current = nick;
  let address: string | undefined;
  const isOurs = (name: string) => fold(name) === fold(current);
  const isWanted = () => fold(current) === fold(settings.nick);
  const want = () => !isWanted() && wire.send("NICK", settings.nick);

  const lines = wire.onLine((line) => {
    const { command, params } = line;
    // A server that shows our prefix in anything shows what others see.
    if (isOurs(line.nick) && line.user && line.host) address = `${line.user}@${line.host}`;
    if (command === "396" && address && params[1])
      address = `${address.split("@")[0]}@${params[1].split("@").at(-1)}`;
    if (command === "NICK" && isOurs(line.nick)) current = params[0] ?? current;
    else if ((command === "NICK" || command === "QUIT") && fold(line.nick) === fold(settings.nick)) want();
  });
  const timer = clock.every(RETRY_MS, want);
  return {
    current: () => current,
    mask: () => address && `${current}!${address}`,
    isOurs,
    [Symbol.dispose]() {
      lines[Symbol.dispose]();
      timer[Symbol.dispose]();
    },
  };
}
