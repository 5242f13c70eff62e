import type { Attempts } from "../access/attempts.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Clock } from "../platform/clock.ts";
import type { LogSink } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import type { TurnServices } from "../turn/services.ts";
import type { Broadcast } from "./broadcast.ts";
import type { EventLoopMonitor } from "./event-loop.ts";
import type { Health } from "./health.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { DefaultModel } from "./models.ts";
import type { Presence } from "./presence.ts";

/** Everything methods and routes may use. Made once by compose.ts. */
export interface GatewayServices {
  clock: Clock;
  paths: Paths;
  loaded: LoadedConfig;
  auth: GatewayAuth;
  perimeter: Perimeter;
  attempts: Attempts;
  lifecycle: Lifecycle;
  sink: LogSink;
  broadcast: Broadcast;
  presence: Presence;
  health: Health;
  eventLoop: EventLoopMonitor;
  turns: TurnServices;
  /** The default model and why it was taken; settled shortly after the start. */
  model: Promise<DefaultModel>;
  bootId: string;
  port(): number;
}
