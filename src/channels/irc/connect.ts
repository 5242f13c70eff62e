import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ConnectInput, Connection } from "../channel.ts";
import { type IrcSettings, settingsOf } from "./accounts.ts";
import { startHearing } from "./hear.ts";
import { openIdentities } from "./identity.ts";
import { type Joins, openJoins } from "./joins.ts";
import { identify } from "./nickserv.ts";
import { type OwnNick, openOwnNick } from "./own-nick.ts";
import { type Registered, register } from "./registration.ts";
import { openReplay } from "./replay.ts";
import { openSpeak } from "./speak.ts";
import { openWire, type Wire } from "./wire.ts";

/** A connection that is in use, for those who ask how it is. */
export interface LiveIrc {
  wire: Wire;
  own: OwnNick;
  joins: Joins;
  registered: Registered;
}

/** By account and settings. One process has at most one of each; the last one counts. */
const live = new Map<string, LiveIrc>();

export const liveConnection = (account: ConnectInput["account"]): LiveIrc | undefined =>
  live.get(liveKey(account));

const liveKey = ({ accountId, fingerprint }: ConnectInput["account"]): string =>
  `${accountId} ${fingerprint}`;

/** A PING without an answer, another one, and time for the answer to that. */
const PROOF_PINGS = 2.5;
const PING = "openclaw-alive-";

export async function connectIrc(input: ConnectInput): Promise<Connection> {
  const { account, clock, log, signal, recall, remember } = input;
  const settings = settingsOf(account);
  const wire = await openWire({ settings, clock, signal });
  await using parts = new AsyncDisposableStack();
  parts.defer(() => wire.quit("closing"));
  const registered = await register(wire, settings, clock);
  const { network, caps } = registered;
  const own = parts.use(openOwnNick(wire, { settings, clock, network, nick: registered.nick }));
  const identities = parts.use(
    openIdentities(wire, { network, clock, hasAccountTag: caps.has("account-tag"), recall, remember }),
  );
  if (network.botMode) wire.send("MODE", own.current(), `+${network.botMode}`);
  const replay = openReplay({ nowMs: () => clock.now(), recall, remember });
  const joins = parts.use(openJoins(wire, { settings, clock, log, network, own }));
  parts.use(
    startHearing(wire, {
      network,
      configuredNick: settings.nick,
      own,
      joins,
      identities,
      replay,
      log,
      receive: input.receive,
    }),
  );
  parts.use(startHeartbeat(wire, settings.pingIntervalMs, clock, input.onProof));
  const speak = openSpeak(wire, { settings, clock, network, own, joins, identities });
  input.onProof();
  void settleIn(wire, { settings, own, joins, log, isIdentified: registered.identified });

  const key = liveKey(account);
  const mine: LiveIrc = { wire, own, joins, registered };
  live.set(key, mine);
  parts.defer(() => void (live.get(key) === mine && live.delete(key)));
  const owned = parts.move();
  void wire.closed.then(() => owned.disposeAsync());
  return {
    get self() {
      return { id: own.current(), name: own.current() };
    },
    proofWithinMs: settings.pingIntervalMs * PROOF_PINGS,
    closed: wire.closed,
    send: speak,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface SettleInInput {
  settings: IrcSettings;
  own: OwnNick;
  joins: Joins;
  log: Log;
  isIdentified: boolean;
}

/** Channels may want us identified, so that comes first. */
async function settleIn(
  wire: Wire,
  { settings, own, joins, log, isIdentified }: SettleInInput,
): Promise<void> {
  const refused = isIdentified ? undefined : await identify(wire, settings, own.current(), log);
  if (refused) wire.end(refused);
  else if (!wire.fault()) joins.begin();
}

/** Any answer to a PING of ours proves both directions; that the server still talks proves one. */
function startHeartbeat(wire: Wire, everyMs: number, clock: Clock, onProof: () => void): Disposable {
  let count = 0;
  const lines = wire.onLine(({ command }) => {
    if (command === "PONG") onProof();
  });
  const timer = clock.every(everyMs, () => wire.send("PING", `${PING}${++count}`));
  return {
    [Symbol.dispose]() {
      lines[Symbol.dispose]();
      timer[Symbol.dispose]();
    },
  };
}
