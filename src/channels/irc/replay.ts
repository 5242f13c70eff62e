import { createHash, randomBytes } from "node:crypto";
import type { IrcLine } from "./line.ts";

/** Which message it is, and whether it is one we have had before. */
export interface Sighting {
  messageId: string;
  sentAtMs: number;
  /** A bouncer or server shows what was said before; up to where we had got it is left out. */
  isOld: boolean;
}

export interface Replay {
  look(line: IrcLine, batchType: string | undefined): Sighting;
  /** Its fate is on disk. */
  handled(sighting: Sighting): void;
}

export interface ReplayInput {
  nowMs(): number;
  recall(key: string): string | undefined;
  remember(key: string, value: string): void;
}

/** Up to which moment, by the server's clock, everything has been handed in. */
const HIGH_WATER = "handled-until";
/** A message this much older than now is a repetition, also where nobody marks it so. */
const OLD_MS = 60_000;
const HISTORY = /chathistory|playback|history/;

/**
 * Most networks give a message no id. Where they say when it was said, id is made of that and the words, so that a repetition
 * has the same one; elsewhere it is made of this connection and a count, and nothing is ever repeated.
 */
export function openReplay({ nowMs, recall, remember }: ReplayInput): Replay {
  const connection = `${nowMs().toString(36)}${randomBytes(3).toString("hex")}`;
  let count = 0;
  let doneUntilMs = Number(recall(HIGH_WATER)) || undefined;
  if (doneUntilMs === undefined) advance(nowMs());
  /** The same words of the same person at the same moment, told apart by their order. */
  let moment = { time: "", counts: new Map<string, number>() };

  function advance(toMs: number): void {
    doneUntilMs = toMs;
    remember(HIGH_WATER, String(toMs));
  }

  function idByTime(time: string, line: IrcLine): string {
    if (moment.time !== time) moment = { time, counts: new Map() };
    const words = [time, line.prefix, ...line.params].join("\n");
    const nth = (moment.counts.get(words) ?? 0) + 1;
    moment.counts.set(words, nth);
    return createHash("sha256").update(`${words}\n${nth}`).digest("hex").slice(0, 24);
  }

  return {
    look(line, batchType) {
      const { msgid, time = "" } = line.tags;
      const toldMs = Date.parse(time);
      const isTimed = Number.isFinite(toldMs);
      const messageId = msgid || (isTimed ? idByTime(time, line) : `${connection}-${++count}`);
      const isRepeated =
        (batchType !== undefined && HISTORY.test(batchType)) || (isTimed && nowMs() - toldMs > OLD_MS);
      return {
        messageId,
        sentAtMs: isTimed ? toldMs : nowMs(),
        // At the very moment itself, the inbox tells them apart by their ids.
        isOld: isRepeated && (!isTimed || toldMs < (doneUntilMs ?? 0)),
      };
    },
    handled({ sentAtMs }) {
      if (sentAtMs > (doneUntilMs ?? 0)) advance(Math.min(sentAtMs, nowMs() + OLD_MS));
    },
  };
}
