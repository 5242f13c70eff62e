/** Objects that appear in more than one method or event (protocol.md §6.4, §6.5, §9.4). Times are epoch milliseconds. */
export interface PresenceEntry {
  host?: string;
  ip?: string;
  version?: string;
  platform?: string;
  deviceFamily?: string;
  mode: string;
  reason: "self" | "connect" | "disconnect";
  instanceId?: string;
  clientId?: string;
  deviceId?: string;
  roles?: string[];
  scopes?: string[];
  onlineSince?: number;
  text: string;
  ts: number;
}

export interface RecentSession {
  key: string;
  updatedAt: number;
  /** Milliseconds since the last change. */
  age: number;
}

export interface EventLoopHealth {
  degraded: boolean;
  reasons: ("event_loop_delay" | "event_loop_utilization" | "cpu")[];
  /** What the figures below cover: the time since the previous reading. */
  intervalMs: number;
  delayP99Ms: number;
  delayMaxMs: number;
  /** 0 to 1. */
  utilization: number;
  /** CPU time of the process over wall time; above 1 when several threads work. */
  cpuCoreRatio: number;
}

/** Callers without operator.read see only `ok`, `ts`, `durationMs`. */
export interface HealthSnapshot {
  ok: true;
  ts: number;
  durationMs: number;
  channels?: Record<string, unknown>;
  channelOrder?: string[];
  channelLabels?: Record<string, string>;
  heartbeatSeconds?: number;
  defaultAgentId?: string;
  agents?: {
    agentId: string;
    isDefault: boolean;
    heartbeat: {
      enabled: boolean;
      every: string;
      everyMs: number | null;
      prompt: string;
      target: string;
      ackMaxChars: number;
    };
    sessions: { path: string; count: number; recent: RecentSession[] };
  }[];
  sessions?: { path: string; count: number; recent: RecentSession[] };
  plugins?: { loaded: string[]; errors: string[]; unavailable: string[] };
  configReload?: { hotReloadStatus: "active" | "disabled" };
  eventLoop?: EventLoopHealth;
  /** Only while it lasts: what may have crashed the runs before is parked. */
  safeMode?: { crashes: number; sinceMs: number; parked: number; takesMessages: boolean; text: string };
}

export interface SessionRow {
  key: string;
  kind: "direct" | "group" | "global" | "unknown";
  agentId: string;
  sessionId: string;
  /** Another one after each reset. */
  lifecycleRevision: string;
  updatedAt: number;
  createdAt: number;
  isMain: boolean;
  chatType: string;
  label?: string;
  displayName?: string;
  derivedTitle?: string;
  lastMessagePreview?: string;
  model?: string;
  modelProvider?: string;
  /** Present where the two above were chosen for this session. */
  modelOverrideSource?: "user";
  thinkingLevel?: string;
  verboseLevel?: string;
  reasoningLevel?: string;
  responseUsage?: string;
  icon?: string;
  color?: string;
  category?: string;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  status?: "queued" | "running" | "done" | "failed" | "killed" | "timeout";
  startedAt?: number;
  endedAt?: number;
  runtimeMs?: number;
  lastRunId?: string;
  lastRunError?: string;
  abortedLastRun: boolean;
  hasActiveRun: boolean;
  activeRunIds: string[];
  archived: boolean;
  archivedAt?: number;
  pinned: boolean;
  pinnedAt?: number;
  unread: boolean;
  markedUnreadAt?: number;
  lastReadAt?: number;
  visibility: "shared";
  participants: never[];
}
