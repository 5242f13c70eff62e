import type { OutboxEntry } from "../../sessions/outbox-entry.ts";
import { formatAge, formatUptime } from "../duration.ts";
import type { Paint } from "../io.ts";

const ID_CHARS = 8;
const TEXT_CHARS = 60;

/** Two lines a message: what it is and where it stands, and why it has not arrived. `messages` are printable. */
export function outboxLines(messages: readonly OutboxEntry[], paint: Paint, nowMs: number): string[] {
  return messages.flatMap((message) => {
    const { id, channel, accountId, to, state, createdAt, text, file, parts = 1, messageIds } = message;
    const colored = state === "failed" ? paint.red : state === "sent" ? paint.green : paint.yellow;
    const account = accountId === "default" ? channel : `${channel} ${accountId}`;
    const arrived =
      state !== "sent" && messageIds.length > 0 ? `, ${messageIds.length} of ${parts} parts arrived` : "";
    const said = text.length > TEXT_CHARS ? `${text.slice(0, TEXT_CHARS)}…` : text;
    const what = [
      ...(said === "" ? [] : [`"${said}"`]),
      ...(file === undefined ? [] : [`file ${file}`]),
    ].join(" and ");
    const head = `${id.slice(0, ID_CHARS)}  ${colored(state.padEnd(7))}  ${account} to ${to}, ${formatAge(nowMs - createdAt)}: ${what}`;
    const why = state === "sent" ? `message ids ${messageIds.join(", ")}` : whyText(message, nowMs);
    return [head, ...(why === "" && arrived === "" ? [] : [`          ${why}${arrived}`])];
  });
}

function whyText({ state, failure, attempts, nextAttemptAt }: OutboxEntry, nowMs: number): string {
  const reason = failure ? `${failure.reason} (${failure.class})` : "";
  if (state === "failed" || state === "sending") return reason;
  const next = nextAttemptAt > nowMs ? `next attempt in ${formatUptime(nextAttemptAt - nowMs)}` : "due now";
  const tried = attempts === 0 ? "not tried yet" : `tried ${attempts} ${attempts === 1 ? "time" : "times"}`;
  return [...(reason === "" ? [] : [reason]), tried, next].join("; ");
}
