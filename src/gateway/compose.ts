import { DEFAULT_ATTEMPT_RULES, trackAttempts } from "../access/attempts.ts";
import { allowedTools } from "../access/tool-policy.ts";
import { CONTROL_PLANE_WRITES, limitWrites } from "../access/write-limit.ts";
import { openCooldowns } from "../agent/cooldowns.ts";
import { createProviders } from "../agent/provider-set.ts";
import { PROVIDERS } from "../agent/providers.gen.ts";
import { openWindows } from "../agent/window.ts";
import { readWorkspaceFiles } from "../agent/workspace.ts";
import { configuredAgents, defaultAgentId } from "../config/agents.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { BootRecord } from "../platform/boot-record.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { Failpoints } from "../platform/failpoints.ts";
import { preferSmallUnderLoad } from "../platform/heap.ts";
import type { LastExit } from "../platform/last-exit.ts";
import type { LogSink } from "../platform/log.ts";
import { createOutbound } from "../platform/outbound.ts";
import type { Paths } from "../platform/paths.ts";
import type { Scope } from "../platform/scope.ts";
import { systemTimeZone } from "../platform/time-zone.ts";
import type { SessionRow } from "../protocol/entities.ts";
import { openJournal } from "../sessions/journal.ts";
import { openModelCalls } from "../sessions/model-calls.ts";
import type { Session, SessionStore } from "../sessions/store.ts";
import { TOOLS } from "../tools/tools.gen.ts";
import { openLanes } from "../turn/lanes.ts";
import type { TurnOutcome } from "../turn/outcome.ts";
import type { TurnServices } from "../turn/services.ts";
import { openRunWaits } from "../turn/waits.ts";
import { openBroadcast } from "./broadcast.ts";
import type { ChannelDoor } from "./channels/desk.ts";
import { openChannelDoor } from "./channels/door.ts";
import { openDeviceDoor } from "./device-door.ts";
import { watchEventLoop } from "./event-loop.ts";
import { openHealth } from "./health.ts";
import { openInFlight } from "./in-flight.ts";
import { openLifecycle } from "./lifecycle.ts";
import { type ModelSelection, selectModels } from "./models.ts";
import { openObserved } from "./observed.ts";
import { openOutflow } from "./outflow.ts";
import { openPresence } from "./presence.ts";
import { openRefusalLog } from "./refusal-log.ts";
import type { Reload } from "./reload/status.ts";
import type { Restart } from "./restart.ts";
import type { SafeMode } from "./safe-mode.ts";
import { brief, openSelfCheck } from "./self-check.ts";
import type { GatewayServices } from "./services.ts";
import { rowOf } from "./session-rows.ts";
import type { Settings } from "./settings.ts";
import { openSnapshots, type Snapshots } from "./snapshot.ts";
import { openStability, refusesTurns } from "./stability/stability.ts";
import { openTailscaleDoor } from "./tailscale-door.ts";

export interface ComposeInput {
  env: Env;
  paths: Paths;
  loaded: LoadedConfig;
  settings: Settings;
  reload: Reload;
  restart: Restart;
  boot: BootRecord;
  previousExit(): LastExit | undefined;
  safeMode: SafeMode | undefined;
  failpoints: Failpoints;
  store: SessionStore;
  clock: Clock;
  sink: LogSink;
  /** Owns everything that has to be closed; disposed last thing at shutdown. */
  scope: Scope;
  port(): number;
  listening: GatewayServices["listening"];
}

/** Turns at once over all sessions, and turns waiting or running before new ones are refused. */
const MAX_CONCURRENT_TURNS = 16;
const MAX_OPEN_TURNS = 1_000;

const TOOL_NAMES = TOOLS.map(({ name }) => name);

export interface Composition {
  services: GatewayServices;
  snapshots: Snapshots;
  /** For a config that is to come into force. */
  selectModels(config: Config): ModelSelection;
}

/** The only file that knows everyone. */
export function composeGateway(input: ComposeInput): Composition {
  const {
    env,
    paths,
    loaded,
    settings,
    reload,
    restart,
    boot,
    previousExit,
    safeMode,
    store,
    clock,
    sink,
    scope,
    port,
  } = input;
  const lifecycle = openLifecycle(clock);
  const eventLoop = scope.own(watchEventLoop());
  const outbound = scope.own(createOutbound());
  const journal = openJournal(store, clock);
  const broadcast = openBroadcast();
  const inFlight = openInFlight(broadcast.turn);
  const stability = openStability(clock);
  const lanes = openLanes<TurnOutcome>(MAX_CONCURRENT_TURNS);
  const models = { env, outbound, signal: scope.signal, ready: lifecycle.whenStarted };
  const modelsFor = (config: Config) => selectModels(config, models);
  const snapshots = openSnapshots({
    loaded,
    auth: settings.auth,
    perimeter: settings.perimeter,
    attempts: trackAttempts({ ...DEFAULT_ATTEMPT_RULES, ...loaded.config.gateway?.auth?.rateLimit }, clock),
    limits: settings.limits,
    agents: configuredAgents(loaded.config, paths),
    models: modelsFor(loaded.config),
  });
  const { current } = snapshots;
  let channels: ChannelDoor | undefined;
  const presence = openPresence(clock);
  const health = openHealth({
    ...{ clock, store, eventLoop, reload, safeMode },
    agents: () => current().agents,
    channels: () => channels?.peek()?.accounts() ?? [],
  });

  const turns: TurnServices = {
    clock,
    failpoint: input.failpoints.hit,
    log: sink.log.child("turn"),
    store,
    journal,
    lanes,
    publish: (event, audience, payload) =>
      inFlight.publish(event, audience, event === "session.message" ? () => withRow(payload()) : payload),
    waits: openRunWaits(clock),
    onChange: (key, { reason, runId }) => broadcast.sessionsChanged(() => sessionChange(key, reason, runId)),
    gate: () => ({
      shuttingDown: lifecycle.phase() === "stopping",
      openTurns: lanes.size(),
      maxOpenTurns: MAX_OPEN_TURNS,
      memoryShort: refusesTurns(stability.memory),
      paused: safeMode?.refusal(),
    }),
    onReply: () => channels?.peek()?.pump(),
    onEnd(end) {
      stability.turnEnded(end);
      if (end.kind !== "dropped") inFlight.ended(end.runId);
    },
    agents: () => current().agents,
    chooseModel(agent, override) {
      preferSmallUnderLoad();
      return current().models.choose(agent, override);
    },
    provider: createProviders(PROVIDERS, { outbound, clock, stateDir: paths.stateDir }),
    cooldowns: openCooldowns(clock),
    windows: openWindows(),
    modelCalls: openModelCalls(store.database),
    toolsOf({ settings: own }) {
      const names = allowedTools(TOOL_NAMES, current().loaded.config.tools, own.tools);
      return TOOLS.filter(({ name }) => names.includes(name));
    },
    childEnv: env.childEnv(),
    workspaceFiles: readWorkspaceFiles,
    timeZone: env.tz ?? systemTimeZone(),
  };

  channels = scope.own(
    openChannelDoor({
      ...{ clock, env, paths, sink, turns, safeMode, failpoint: input.failpoints.hit },
      config: () => current().loaded.config,
      onChange: () =>
        broadcast.health(health.refresh(), { presence: presence.version(), health: health.version() }),
    }),
  );

  function sessionChange(key: string, reason: string, runId: string): Record<string, unknown> {
    const session = store.find(key);
    return {
      sessionKey: key,
      ts: clock.now(),
      ...(reason === "send" ? { reason } : { phase: reason }),
      runId,
      ...(session && {
        agentId: session.agentId,
        session: row(session),
      }),
    };
  }

  function withRow(payload: Record<string, unknown>): Record<string, unknown> {
    const session = store.find(String(payload.sessionKey));
    return session ? { ...payload, session: row(session) } : payload;
  }

  function row(session: Session): SessionRow {
    return rowOf(session, defaultAgentId(current().loaded.config), turns);
  }

  const observed = openObserved(clock);
  const services: GatewayServices = {
    clock,
    env,
    paths,
    outbound,
    get loaded() {
      return current().loaded;
    },
    get auth() {
      return current().auth;
    },
    get perimeter() {
      return current().perimeter;
    },
    get attempts() {
      return current().attempts;
    },
    get limits() {
      return current().limits;
    },
    get model() {
      return current().models.defaultModel;
    },
    lifecycle,
    sink,
    broadcast,
    presence,
    health,
    eventLoop,
    boot,
    previousExit,
    safeMode,
    restart,
    port,
    listening: input.listening,
    turns,
    inFlight,
    reload,
    observed,
    selfCheck: openSelfCheck({
      clock,
      env,
      paths,
      sink,
      reload,
      observed,
      trustedProxies: () => current().perimeter.trustedProxies,
      channels: () => channels?.peek()?.accounts() ?? [],
      port,
      onChange: (found) => broadcast.doctorChanged({ ts: clock.now(), findings: found.map(brief) }),
    }),
    writes: limitWrites(CONTROL_PLANE_WRITES, clock),
    devices: scope.own(openDeviceDoor({ paths, clock, sink, broadcast })),
    channels,
    whois: openTailscaleDoor({ env, paths, clock }),
    outflow: openOutflow(),
    refusals: openRefusalLog(sink.log.child("ws"), clock),
    stability,
  };
  return { services, snapshots, selectModels: modelsFor };
}
