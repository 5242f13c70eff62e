import { GatewayError } from "../../protocol/errors.ts";
import type { Outbox } from "../../sessions/outbox.ts";
import type { OutboxRow, OutboxState } from "../../sessions/outbox-row.ts";

export function requireMessage(outbox: Outbox, id: string): OutboxRow {
  const row = outbox.find(id);
  if (row) return row;
  throw new GatewayError("INVALID_REQUEST", "unknown outbox message", {
    detail: "OUTBOX_MESSAGE_NOT_FOUND",
    hint: "see what there is: openclaw outbox list",
  });
}

export function wrongState(action: "retry" | "drop", state: OutboxState): GatewayError {
  const why = state === "sent" ? "it has been sent" : "it is being sent at this moment";
  return new GatewayError("INVALID_REQUEST", `cannot ${action} the message: ${why}`, {
    detail: "OUTBOX_MESSAGE_STATE",
    details: { state },
  });
}
