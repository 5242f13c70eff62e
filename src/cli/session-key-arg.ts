import type { ResultOf } from "../gateway/method.ts";
import type sessionsResolve from "../gateway/methods/sessions/resolve.ts";
import { Fault } from "../platform/fault.ts";
import type { GatewayConnection } from "../protocol/client.ts";

type Resolved = ResultOf<typeof sessionsResolve>;

/** A conversation as people name it: by its key, id, the beginning of its id, or its label. */
export async function findSessionKey(
  named: string,
  { call }: GatewayConnection,
  timeoutMs = 10_000,
): Promise<string> {
  const ways = [{ key: named }, { sessionId: named }, { shortId: named }, { label: named }];
  for (const way of ways) {
    // What cannot be a key or an id is refused, and may still be a label.
    const found = await call<Resolved>(
      "sessions.resolve",
      { ...way, allowMissing: true },
      { timeoutMs },
    ).catch(() => undefined);
    if (found?.ok) return found.key;
    if (found && "candidates" in found && found.candidates) {
      throw new Fault(`several conversations are called "${named}"`, {
        why: found.candidates.map(({ key }) => key).join(", "),
        fix: "openclaw sessions list",
      });
    }
  }
  throw new Fault(`no conversation "${named}"`, {
    why: "neither a key nor an id nor a name of one is that",
    fix: "openclaw sessions list",
  });
}

export const sessionPositional = {
  session: { summary: "its key, id or name" },
} as const;
