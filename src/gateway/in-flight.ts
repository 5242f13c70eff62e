import type { Publish } from "../turn/stream.ts";

/** What a run has said so far, for clients that come in the middle of it. */
export interface InFlight {
  /** Passes everything on, and remembers where each run is. */
  publish: Publish;
  /** The last `chat` event of the run; undefined before its first and after its end. */
  last(runId: string): Record<string, unknown> | undefined;
  ended(runId: string): void;
}

/** Events stay unbuilt here as well: what is kept is the way to build the last one. */
export function openInFlight(publish: Publish): InFlight {
  const builders = new Map<string, () => Record<string, unknown>>();
  return {
    publish(event, audience, payload) {
      if (event === "chat") builders.set(audience.runId, payload);
      publish(event, audience, payload);
    },
    last: (runId) => builders.get(runId)?.(),
    ended: (runId) => void builders.delete(runId),
  };
}
