import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { printable } from "../../platform/printable.ts";
import type { IrcSettings } from "./accounts.ts";
import type { IrcLine } from "./line.ts";
import { foldName, type Network } from "./names.ts";
import type { OwnNick } from "./own-nick.ts";
import type { Wire } from "./wire.ts";

/** "joining" has no reason yet; "out" says why, and is tried again. */
export type Membership = { kind: "joining" } | { kind: "joined" } | { kind: "out"; why: string };

export interface Joins extends Disposable {
  begin(): void;
  /** As configured, with what has become of it. */
  list(): { name: string; state: Membership }[];
  /** Undefined for a channel that is not configured. Waits while a JOIN is unanswered, at most for some seconds. */
  settled(name: string): Promise<Membership | undefined>;
  /** The configured spelling of a channel. */
  spelling(name: string): string | undefined;
}

interface Room {
  name: string;
  password: string | undefined;
  state: Membership;
  retryMs: number;
  timer: Disposable | undefined;
  waiting: (() => void)[];
}

const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 10 * 60_000;
const ANSWER_MS = 15_000;

/** Numerics that answer a JOIN, with the channel as second parameter. */
const WORDS: Readonly<Record<string, string>> = {
  "403": "there is no such channel",
  "405": "we are in too many channels",
  "437": "it is unavailable for the moment",
  "470": "it forwards to another channel",
  "471": "it is full",
  "473": "one has to be invited",
  "474": "we are banned from it",
  "475": "its password is another one",
  "476": "its name is not allowed",
  "477": "one has to be registered and identified",
  "479": "its name is not allowed",
  "489": "only encrypted connections may join",
  "520": "only operators may join",
};

/** Joins the configured channels when `begin` is called, and joins them again whatever puts us out. */
export function openJoins(
  wire: Wire,
  {
    settings,
    clock,
    log,
    network,
    own,
  }: { settings: IrcSettings; clock: Clock; log: Log; network: Network; own: OwnNick },
): Joins {
  const rooms = new Map<string, Room>();
  for (const { name, password } of settings.channels)
    rooms.set(foldName(network, name), {
      name,
      password,
      state: { kind: "joining" },
      retryMs: FIRST_RETRY_MS,
      timer: undefined,
      waiting: [],
    });
  const find = (name: string | undefined) => rooms.get(foldName(network, name ?? ""));

  function join(room: Room): void {
    room.timer?.[Symbol.dispose]();
    room.state = { kind: "joining" };
    room.timer = clock.after(ANSWER_MS, () => isOut(room, "the server has not answered"));
    wire.send("JOIN", room.name, ...(room.password === undefined ? [] : [room.password]));
  }

  function settle(room: Room, state: Membership): void {
    room.timer?.[Symbol.dispose]();
    room.timer = undefined;
    room.state = state;
    for (const tell of room.waiting.splice(0)) tell();
  }

  function isOut(room: Room, why: string): void {
    settle(room, { kind: "out", why });
    log.warn(`not in ${room.name}: ${why}; trying again`, { channel: room.name, retryMs: room.retryMs });
    room.timer = clock.after(room.retryMs, () => join(room));
    room.retryMs = Math.min(room.retryMs * 2, MAX_RETRY_MS);
  }

  function take(line: IrcLine): void {
    const { command, params } = line;
    const room = find(params[command === "INVITE" || command in WORDS ? 1 : 0]);
    if (!room) return;
    const said = printable(params.at(-1) ?? "").slice(0, 200);
    if (command === "JOIN" && own.isOurs(line.nick)) {
      settle(room, { kind: "joined" });
    } else if (command === "PART" && own.isOurs(line.nick)) {
      isOut(room, `we were made to leave it (${said})`);
    } else if (command === "KICK" && own.isOurs(params[1] ?? "")) {
      isOut(room, `${printable(line.nick)} has kicked us (${said})`);
    } else if (command === "INVITE" && room.state.kind === "out") {
      join(room);
    } else if (command in WORDS && room.state.kind === "joining") {
      isOut(room, WORDS[command]!);
    } else if (command === "366" || command === "329") {
      // A long-lived stay pays for former trouble.
      if (room.state.kind === "joined") room.retryMs = FIRST_RETRY_MS;
    }
  }

  const lines = wire.onLine(take);
  return {
    begin() {
      for (const room of rooms.values()) join(room);
    },
    list: () => [...rooms.values()].map(({ name, state }) => ({ name, state })),
    async settled(name) {
      const room = find(name);
      if (room?.state.kind === "joining" && !wire.fault())
        await new Promise<void>((resolve) => room.waiting.push(resolve));
      return room?.state;
    },
    spelling: (name) => find(name)?.name,
    [Symbol.dispose]() {
      lines[Symbol.dispose]();
      for (const room of rooms.values()) {
        settle(room, room.state);
        room.timer?.[Symbol.dispose]();
      }
    },
  };
}
