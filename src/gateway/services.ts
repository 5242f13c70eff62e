import type { Attempts } from "../access/attempts.ts";
import type { Bind } from "../access/bind.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import type { Whois } from "../access/tailscale.ts";
import type { WriteLimit } from "../access/write-limit.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { LastExit } from "../platform/last-exit.ts";
import type { LogSink } from "../platform/log.ts";
import type { Outbound } from "../platform/outbound.ts";
import type { Paths } from "../platform/paths.ts";
import type { TurnServices } from "../turn/services.ts";
import type { Broadcast } from "./broadcast.ts";
import type { DeviceDoor } from "./device-door.ts";
import type { EventLoopMonitor } from "./event-loop.ts";
import type { Health } from "./health.ts";
import type { InFlight } from "./in-flight.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { DefaultModel } from "./models.ts";
import type { Observed } from "./observed.ts";
import type { Outflow } from "./outflow.ts";
import type { Presence } from "./presence.ts";
import type { RefusalLog } from "./refusal-log.ts";
import type { Reload } from "./reload/status.ts";
import type { Restart } from "./restart.ts";
import type { SafeMode } from "./safe-mode.ts";
import type { SelfCheck } from "./self-check.ts";
import type { Stability } from "./stability/stability.ts";
import type { UpgradeLimits } from "./upgrade-limits.ts";

/**
 * Everything methods and routes may use. Made once by compose.ts. The `readonly` parts belong to the config snapshot
 * in force: they are read when they are needed and not kept over a wait.
 */
export interface GatewayServices {
  clock: Clock;
  env: Env;
  paths: Paths;
  /** The only way out to other servers. */
  outbound: Outbound;
  readonly loaded: LoadedConfig;
  readonly auth: GatewayAuth;
  readonly perimeter: Perimeter;
  readonly attempts: Attempts;
  readonly limits: UpgradeLimits;
  lifecycle: Lifecycle;
  sink: LogSink;
  broadcast: Broadcast;
  presence: Presence;
  health: Health;
  eventLoop: EventLoopMonitor;
  turns: TurnServices;
  inFlight: InFlight;
  /** The default model and why it was taken; settled shortly after the start. */
  readonly model: Promise<DefaultModel>;
  /** Whether the file is what is served, and the way to make it so. */
  reload: Reload;
  /** What only the gateway sees of the way to it. */
  observed: Observed;
  selfCheck: SelfCheck;
  /** Control-plane writes (protocol.md §1.4). */
  writes: WriteLimit;
  /** Paired devices and those that wait. */
  devices: DeviceDoor;
  /** Who Tailscale says somebody is. */
  whois: Whois;
  /** What clients have not read yet. */
  outflow: Outflow;
  refusals: RefusalLog;
  /** What this run remembers of its troubles and counts. */
  stability: Stability;
  boot: BootRecord;
  /** How the run before ended, if that was not in good order. */
  previousExit(): LastExit | undefined;
  /** Only after boots that crashed one after another. */
  safeMode: SafeMode | undefined;
  restart: Restart;
  port(): number;
  /** Where it listens, and what clients pin if it speaks TLS. */
  listening(): { bind: Bind; fingerprint: string | undefined };
}
