import { Fault } from "../../platform/fault.ts";
import type { NewOutboxRow } from "../../sessions/outbox.ts";
import type { OutboxEntry } from "../../sessions/outbox-entry.ts";
import type { OutboxState } from "../../sessions/outbox-row.ts";
import type { CommandContext } from "../context.ts";
import { isGatewayDown } from "../gateway-down.ts";

export interface OutboxQuery {
  channel?: string;
  accountId?: string;
  state?: OutboxState;
}

/** Where messages wait to be sent: with the running gateway, or on disk while none runs. */
export interface OutboxDesk extends Disposable {
  where: "gateway" | "store";
  list(query: OutboxQuery): Promise<OutboxEntry[]>;
  retry(id: string): Promise<void>;
  drop(id: string): Promise<void>;
}

export interface StoredOutbox extends OutboxDesk {
  where: "store";
  add(row: NewOutboxRow): OutboxEntry;
}

/** More would be nothing a person reads. */
export const MAX_LISTED = 500;
const CALL_MS = 10_000;

export async function openOutboxDesk(context: CommandContext): Promise<OutboxDesk> {
  if (await isGatewayDown(context)) {
    const { openStoredOutbox } = await import("./stored-outbox.ts");
    return openStoredOutbox(context);
  }
  const connection = await context.connect({ scopes: ["operator.write"] });
  const call = <T>(method: string, params: unknown) =>
    connection.call<T>(method, params, { timeoutMs: CALL_MS });
  return {
    where: "gateway",
    list: async (query) =>
      (await call<{ messages: OutboxEntry[] }>("outbox.list", { ...query, limit: MAX_LISTED })).messages,
    async retry(id) {
      await call("outbox.retry", { id });
    },
    async drop(id) {
      await call("outbox.drop", { id });
    },
    [Symbol.dispose]() {},
  };
}

/** The message that an id or the beginning of one means. Throws `Fault` (1). */
export function findMessage(messages: readonly OutboxEntry[], text: string): OutboxEntry {
  const wanted = text.trim().toLowerCase();
  const exact = messages.find(({ id }) => id === wanted);
  if (exact) return exact;
  const close = wanted.length < MIN_PREFIX ? [] : messages.filter(({ id }) => id.startsWith(wanted));
  if (close.length === 1) return close[0]!;
  throw new Fault(
    close.length === 0
      ? `no message in the outbox is "${text.slice(0, 40)}"`
      : `"${text.slice(0, 40)}" means ${close.length} messages`,
    {
      why:
        close.length === 0 ? "It was dropped, or it was sent more than a day ago." : "Type more of the id.",
      fix: "openclaw outbox list --all",
    },
  );
}

const MIN_PREFIX = 4;
