import { existsSync } from "node:fs";
import { systemClock } from "../../platform/clock.ts";
import { Fault } from "../../platform/fault.ts";
import { openOutbox } from "../../sessions/outbox.ts";
import { outboxEntry } from "../../sessions/outbox-entry.ts";
import { openSessionStore } from "../../sessions/store.ts";
import type { CommandContext } from "../context.ts";
import { holdState } from "../hold-state.ts";
import { MAX_LISTED, type OutboxDesk, type StoredOutbox } from "./outbox-desk.ts";

/** Looking makes nothing: where no gateway ever ran there is no database. */
export function openStoredOutbox(context: CommandContext): OutboxDesk {
  return existsSync(context.paths.sessionsDb) ? openForQueueing(context) : NOTHING_STORED;
}

/** The outbox under the state lock, made where there is none. What is added goes out with the next start of the gateway. */
export function openForQueueing({ paths, name }: CommandContext): StoredOutbox {
  using stack = new DisposableStack();
  stack.use(holdState(paths, name));
  const store = stack.use(openSessionStore(paths.sessionsDb, systemClock));
  const outbox = openOutbox(store.database, systemClock);
  const owned = stack.move();
  return {
    where: "store",
    list: async (query) => outbox.list({ ...query, limit: MAX_LISTED }).map(outboxEntry),
    async retry(id) {
      if (!outbox.retry(id)) throw cannot("retried");
    },
    async drop(id) {
      if (!outbox.drop(id)) throw cannot("dropped");
    },
    add: (row) => outboxEntry(outbox.add(row).row),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function cannot(done: string): Fault {
  return new Fault(`the message cannot be ${done}: it has been sent, or its sending was cut off`, {
    why: "What was cut off is settled by the gateway when it next starts.",
    fix: "openclaw start",
  });
}

const none = async (): Promise<never> => {
  throw new Fault("the outbox is empty", { fix: "openclaw outbox list" });
};

const NOTHING_STORED: OutboxDesk = {
  where: "store",
  list: async () => [],
  retry: none,
  drop: none,
  [Symbol.dispose]() {},
};
