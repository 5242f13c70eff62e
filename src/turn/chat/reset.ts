import type { Config } from "../../config/schema.ts";

export interface ResetFacts {
  channel: string;
  type: "direct" | "group" | "thread";
  /** When the conversation was last used; epoch ms. */
  updatedAt: number;
  now: number;
  /** Epoch ms of the last time the clock on the wall said so. */
  lastTimeItWas(hour: number): number;
}

const DAY_HOUR = 4;

/** Pure: whether a conversation begins anew with the message that comes now. Without a setting none does. */
export function isResetDue(session: Config["session"], facts: ResetFacts): boolean {
  const { channel, type, updatedAt, now } = facts;
  const rule = session?.resetByChannel?.[channel] ?? session?.resetByType?.[type] ?? session?.reset;
  const idleMinutes = rule?.idleMinutes ?? session?.idleMinutes;
  const mode = rule?.mode ?? (idleMinutes === undefined ? "none" : "idle");
  if (mode === "none") return false;
  const isIdle = idleMinutes !== undefined && idleMinutes > 0 && now - updatedAt >= idleMinutes * 60_000;
  if (mode === "idle") return isIdle;
  return isIdle || updatedAt < facts.lastTimeItWas(rule?.atHour ?? DAY_HOUR);
}

/** By the local time of this machine; a day that has no such hour begins with the next one. */
export function lastTimeItWas(hour: number, now: number): number {
  const at = new Date(now);
  at.setHours(hour, 0, 0, 0);
  if (at.getTime() > now) at.setDate(at.getDate() - 1);
  return at.getTime();
}
