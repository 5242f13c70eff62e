import type { SendResult } from "../../channels/outgoing.ts";
import type { Clock } from "../../platform/clock.ts";

/** A platform that has not answered by then may have it or not. */
const SEND_MS = 60_000;

/** Adapters promise not to throw and to end with the signal; here both are made sure of. */
export async function sendWithin<Result extends { kind: string }>(
  clock: Clock,
  stop: AbortSignal,
  send: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | Extract<SendResult, { kind: "unknown" }>> {
  const abort = new AbortController();
  const late = Promise.withResolvers<Extract<SendResult, { kind: "unknown" }>>();
  const give = (message: string) => {
    late.resolve({ kind: "unknown", message });
    abort.abort(new Error(message));
  };
  const onStop = () => give("the gateway stopped while it was being sent");
  stop.addEventListener("abort", onStop, { once: true });
  using _timer = clock.after(SEND_MS, () => give(`no answer within ${SEND_MS / 1_000} s`));
  try {
    return await Promise.race([send(abort.signal), late.promise]);
  } catch (error) {
    return { kind: "unknown", message: error instanceof Error ? error.message : String(error) };
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
