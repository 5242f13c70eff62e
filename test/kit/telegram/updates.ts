import type { ServerResponse } from "node:http";
import type { Json } from "./chats.ts";
import { Refusal } from "./refusal.ts";

export interface Waiting {
  /** Ends the poll; answers unless its connection is gone. */
  finish(result: Json[] | Refusal): void;
}

/** The queue of one bot: kept until an offset confirms it, one poll at a time. */
export function createUpdates() {
  const queue: Json[] = [];
  let nextUpdateId = 700_000_001;
  let waiting: (Waiting & { offset: number; limit: number }) | undefined;

  const due = (offset: number, limit: number) =>
    queue.filter((update) => update.update_id >= offset || update.redelivered).slice(0, limit);

  /** What comes once more comes so once. */
  function handOut(batch: Json[], answer: (result: Json[]) => void): void {
    const shown = batch.map(({ redelivered: _, ...update }) => update);
    queue.splice(
      0,
      queue.length,
      ...queue.filter((update) => !(update.redelivered && batch.includes(update))),
    );
    answer(shown);
  }

  return {
    /** Handed out in the order of this list, whatever their ids. */
    queue,
    waits: () => waiting !== undefined,
    push(update: Json): number {
      const update_id = update.update_id ?? nextUpdateId++;
      queue.push({ update_id, ...update });
      if (!waiting) return update_id;
      const batch = due(waiting.offset, waiting.limit);
      if (batch.length > 0) waiting.finish(batch);
      return update_id;
    },
    skipIds(count: number): void {
      nextUpdateId += count;
    },
    /** Ends the poll that waits: "nothing new". */
    endPoll(result: Json[] | Refusal = []): void {
      waiting?.finish(result);
    },
    poll(fields: Json, response: ServerResponse, answer: (result: Json[] | Refusal) => void): void {
      waiting?.finish(
        new Refusal(
          409,
          "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
      );
      const limit = Math.min(Number(fields.limit ?? 100), 100);
      let offset = Number(fields.offset ?? 0);
      if (offset < 0) offset = queue.at(offset)?.update_id ?? 0;
      // Confirmed: gone for good.
      const kept = queue.filter((update) => update.update_id >= offset || update.redelivered);
      queue.splice(0, queue.length, ...kept);
      const batch = due(offset, limit);
      const seconds = Math.min(Number(fields.timeout ?? 0), 50);
      if (batch.length > 0 || seconds === 0) {
        handOut(batch, answer);
        return;
      }
      const timer = setTimeout(() => mine.finish([]), seconds * 1_000).unref();
      const mine = {
        offset,
        limit,
        finish(result: Json[] | Refusal) {
          clearTimeout(timer);
          if (waiting === mine) waiting = undefined;
          if (result instanceof Refusal) answer(result);
          else handOut(result, answer);
        },
      };
      waiting = mine;
      response.once("close", () => {
        clearTimeout(timer);
        if (waiting === mine) waiting = undefined;
      });
    },
  };
}
