import type { Channel, Connection } from "../../channels/channel.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Failpoints } from "../../platform/failpoints.ts";
import type { Log } from "../../platform/log.ts";
import type { Outbox, OutboxRow } from "../../sessions/outbox.ts";

export interface PumpInput {
  channel: Pick<Channel, "id" | "label" | "format">;
  accountId: string;
  clock: Clock;
  log: Log;
  outbox: Outbox;
  /** For tests; see `platform/failpoints.ts`. */
  failpoint: Failpoints["hit"];
  /** In [0, 1). */
  random(): number;
  /** Undefined while there is none. */
  connection(): Connection | undefined;
  /** The platform has given something of ours an id. */
  onSent(): void;
  /** A row is sent, failed or put off. Must not throw. */
  onChange(row: OutboxRow): void;
}
