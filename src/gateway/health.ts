import type { ConfiguredAgent } from "../config/agents.ts";
import type { Clock } from "../platform/clock.ts";
import type { HealthSnapshot, RecentSession } from "../protocol/entities.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { EventLoopMonitor } from "./event-loop.ts";
import { followsFile, type Reload } from "./reload/status.ts";
import type { SafeMode } from "./safe-mode.ts";

/** The health object (protocol.md §6.5), kept ready so that asking costs nothing. */
export interface Health {
  snapshot(): HealthSnapshot;
  version(): number;
  refresh(): HealthSnapshot;
}

export interface HealthSources {
  clock: Clock;
  store: SessionStore;
  agents(): readonly ConfiguredAgent[];
  eventLoop: EventLoopMonitor;
  reload: Reload;
  safeMode: SafeMode | undefined;
}

const RECENT_SESSIONS = 5;
const NO_HEARTBEAT = {
  enabled: false,
  every: "0m",
  everyMs: null,
  prompt: "",
  target: "none",
  ackMaxChars: 0,
};

export function openHealth({ clock, store, agents, eventLoop, reload, safeMode }: HealthSources): Health {
  let version = 0;
  let current = build();

  function build(): HealthSnapshot {
    const startedAt = clock.monotonic();
    const ts = clock.now();
    version++;
    const path = store.database.path;
    const sessionsOf = (agentId?: string) => {
      const { rows, total } = store.list({
        limit: RECENT_SESSIONS,
        offset: 0,
        archived: "too",
        ...(agentId && { agentId }),
      });
      const recent = rows.map(
        (row): RecentSession => ({ key: row.key, updatedAt: row.updatedAt, age: ts - row.updatedAt }),
      );
      return { path, count: total, recent };
    };
    const list = agents();
    return {
      ok: true,
      ts,
      channels: {},
      channelOrder: [],
      channelLabels: {},
      heartbeatSeconds: 0,
      defaultAgentId: (list.find((agent) => agent.isDefault) ?? list[0]!).id,
      agents: list.map((agent) => ({
        agentId: agent.id,
        isDefault: agent.isDefault,
        heartbeat: NO_HEARTBEAT,
        sessions: sessionsOf(agent.id),
      })),
      sessions: sessionsOf(),
      plugins: { loaded: [], errors: [], unavailable: [] },
      // Two words are all the schema of existing clients allows; `status` and /readyz tell the rest.
      configReload: { hotReloadStatus: followsFile(reload.status()) ? "active" : "disabled" },
      ...(safeMode?.active() && { safeMode: safeMode.report() }),
      eventLoop: eventLoop.read(),
      durationMs: Math.round(clock.monotonic() - startedAt),
    };
  }

  return {
    snapshot: () => current,
    version: () => version,
    refresh() {
      current = build();
      return current;
    },
  };
}

/** For callers without operator.read: alive or not, and nothing about what runs here. */
export function reducedHealth({ ok, ts, durationMs }: HealthSnapshot): HealthSnapshot {
  return { ok, ts, durationMs };
}
