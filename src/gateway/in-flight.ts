import type { Publish } from "../turn/stream.ts";

/** What a run has said so far, for clients that come in the middle of it, and new messages for those that only read. */
export interface InFlight {
  /** Passes everything on, and remembers where each run is. */
  publish: Publish;
  /** The last `chat` event of the run; undefined before its first and after its end. */
  last(runId: string): Record<string, unknown> | undefined;
  ended(runId: string): void;
  /** Each message that enters the transcript of this session. */
  follow(sessionKey: string, onMessage: (payload: Record<string, unknown>) => void): Disposable;
}

/** Events stay unbuilt here as well: what is kept is the way to build the last one. */
export function openInFlight(publish: Publish): InFlight {
  const builders = new Map<string, () => Record<string, unknown>>();
  const followers = new Map<string, Set<(payload: Record<string, unknown>) => void>>();
  return {
    publish(event, audience, payload) {
      if (event === "session.message")
        for (const tell of followers.get(audience.sessionKey) ?? []) tell(payload());
      if (event === "chat") builders.set(audience.runId, payload);
      publish(event, audience, payload);
    },
    last: (runId) => builders.get(runId)?.(),
    ended: (runId) => void builders.delete(runId),
    follow(sessionKey, onMessage) {
      const set = followers.get(sessionKey) ?? new Set();
      followers.set(sessionKey, set.add(onMessage));
      return {
        [Symbol.dispose]() {
          set.delete(onMessage);
          if (set.size === 0) followers.delete(sessionKey);
        },
      };
    },
  };
}
