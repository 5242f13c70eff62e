import { formatAge, formatDuration } from "../duration.ts";

/** How an account stands, as the gateway tells it. */
export interface AccountState {
  channel: string;
  state: "stopped" | "connecting" | "live" | "degraded" | "parked";
  reason?: string | undefined;
  /** Why the connection before this attempt ended. */
  lastError?: string | null | undefined;
  lastProofAt?: number | undefined;
  nextAttemptAt?: number | undefined;
}

/** What a platform does that proves the connection alive. */
const PROOF: Readonly<Record<string, string>> = { telegram: "last poll", irc: "last answer" };
const MINUTE_MS = 60_000;

/** "live, last poll 4 s ago"; without proof nobody is called live. */
export function stateText(account: AccountState, nowMs: number): string {
  const { channel, state, lastError, lastProofAt, nextAttemptAt } = account;
  const again = state === "connecting" && lastError ? `connecting again after: ${lastError}` : undefined;
  const reason = account.reason ?? again;
  const proof =
    lastProofAt === undefined
      ? ""
      : `${PROOF[channel] ?? "last sign of life"} ${secondsAgo(nowMs - lastProofAt)}`;
  if (state === "live") return proof === "" ? "connected, without proof of life yet" : `live, ${proof}`;
  // "stopped by hand" says it all.
  const why = reason === undefined ? state : reason.startsWith(state) ? reason : `${state}: ${reason}`;
  const next =
    nextAttemptAt !== undefined && nextAttemptAt > nowMs
      ? `next attempt in ${formatDuration(Math.ceil((nextAttemptAt - nowMs) / 1_000) * 1_000)}`
      : "";
  return [why, proof, next].filter((part) => part !== "").join(", ");
}

function secondsAgo(ms: number): string {
  if (ms < 0) return "just now";
  return ms < MINUTE_MS ? `${Math.round(ms / 1_000)} s ago` : formatAge(ms);
}
