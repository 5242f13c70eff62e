import { GatewayError } from "../protocol/errors.ts";
import type { Dropped, Taken } from "../turn/outcome.ts";
import type { GatewayServices } from "./services.ts";

type Accepted = Extract<Taken, { kind: "accepted" }>;

/** A dropped message becomes the refusal of the method that brought it. */
export function acceptedOrThrow(taken: Accepted | Dropped, method: string): Accepted {
  if (taken.kind === "accepted") return taken;
  const { reason, message } = taken;
  switch (reason) {
    case "shutting-down":
      throw new GatewayError("UNAVAILABLE", `${method} unavailable during gateway restart`, {
        details: { method, reason: "gateway-restarting", phase: "draining" },
        retryable: true,
        retryAfterMs: 1_500,
      });
    case "storage-full":
      throw new GatewayError("UNAVAILABLE", message, {
        detail: "STORAGE_FULL",
        retryable: true,
        retryAfterMs: 5_000,
      });
    case "memory-pressure":
      throw new GatewayError("UNAVAILABLE", message, {
        detail: "MEMORY_PRESSURE",
        hint: "see what takes the memory: openclaw gateway stability",
        retryable: true,
        retryAfterMs: 10_000,
      });
    case "safe-mode":
      throw new GatewayError("UNAVAILABLE", message, {
        detail: "SAFE_MODE",
        retryable: true,
        retryAfterMs: 10_000,
      });
    case "queue-full":
      throw new GatewayError("UNAVAILABLE", message, { retryable: true, retryAfterMs: 1_000 });
    case "unknown-agent":
      throw new GatewayError(
        "INVALID_REQUEST",
        method === "agent" ? `invalid agent params: unknown agent id "${taken.agentId}"` : message,
        { detail: "UNKNOWN_AGENT_ID", details: { agentId: taken.agentId } },
      );
    default:
      throw new GatewayError("INVALID_REQUEST", `invalid ${method} params: ${message}`, {
        details: { reason },
      });
  }
}

/** The reason of a run that took longer than its caller allows. */
export const RUN_TIMEOUT = "timeout";

/** Aborts the run after this long, waiting included; 0 means no limit. */
export function limitRun(
  { runId, sessionKey, done }: Accepted,
  timeoutMs: number,
  { clock, turns }: GatewayServices,
): void {
  if (timeoutMs === 0) return;
  const timer = clock.after(timeoutMs, () => turns.lanes.abort(sessionKey, runId, RUN_TIMEOUT));
  void done.then(() => timer[Symbol.dispose]());
}
