import { randomUUID } from "node:crypto";
import { DEFAULT_ATTEMPT_RULES, trackAttempts } from "../access/attempts.ts";
import type { GatewayAuth } from "../access/credentials.ts";
import type { Perimeter } from "../access/origin.ts";
import { allowedTools } from "../access/tool-policy.ts";
import { createProviders } from "../agent/provider-set.ts";
import { PROVIDERS } from "../agent/providers.gen.ts";
import { readWorkspaceFiles } from "../agent/workspace.ts";
import { configuredAgents, defaultAgentId } from "../config/agents.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { LogSink } from "../platform/log.ts";
import { createOutbound } from "../platform/outbound.ts";
import type { Paths } from "../platform/paths.ts";
import type { Scope } from "../platform/scope.ts";
import { systemTimeZone } from "../platform/time-zone.ts";
import { openJournal } from "../sessions/journal.ts";
import { openSessionStore } from "../sessions/store.ts";
import { TOOLS } from "../tools/tools.gen.ts";
import { openLanes } from "../turn/lanes.ts";
import type { TurnOutcome } from "../turn/outcome.ts";
import type { TurnServices } from "../turn/services.ts";
import { openRunWaits } from "../turn/waits.ts";
import { openBroadcast } from "./broadcast.ts";
import { watchEventLoop } from "./event-loop.ts";
import { openHealth } from "./health.ts";
import { openLifecycle } from "./lifecycle.ts";
import { selectModels } from "./models.ts";
import { openPresence } from "./presence.ts";
import type { GatewayServices } from "./services.ts";
import { rowOf } from "./session-rows.ts";

export interface ComposeInput {
  env: Env;
  paths: Paths;
  loaded: LoadedConfig;
  auth: GatewayAuth;
  perimeter: Perimeter;
  clock: Clock;
  sink: LogSink;
  /** Owns everything that has to be closed; disposed last thing at shutdown. */
  scope: Scope;
  port(): number;
}

/** Turns at once over all sessions, and turns waiting or running before new ones are refused. */
const MAX_CONCURRENT_TURNS = 16;
const MAX_OPEN_TURNS = 1_000;

/** The only file that knows everyone. */
export function composeGateway(input: ComposeInput): GatewayServices {
  const { env, paths, loaded, auth, perimeter, clock, sink, scope, port } = input;
  const agents = configuredAgents(loaded.config, paths);
  const lifecycle = openLifecycle(clock);
  const eventLoop = scope.own(watchEventLoop());
  const outbound = scope.own(createOutbound());
  const store = scope.own(openSessionStore(paths.sessionsDb, clock));
  const journal = openJournal(store, clock);
  const broadcast = openBroadcast();
  const lanes = openLanes<TurnOutcome>(MAX_CONCURRENT_TURNS);
  const models = selectModels(loaded.config, env, outbound, scope.signal);
  const health = openHealth({ clock, store, agents: () => agents, eventLoop });

  const toolsOf = new Map(
    agents.map(({ id, settings }) => {
      const names = allowedTools(
        TOOLS.map(({ name }) => name),
        loaded.config.tools,
        settings.tools,
      );
      return [id, TOOLS.filter(({ name }) => names.includes(name))] as const;
    }),
  );
  const turns: TurnServices = {
    clock,
    log: sink.log.child("turn"),
    store,
    journal,
    lanes,
    publish: broadcast.turn,
    waits: openRunWaits(clock),
    onChange: (key, { reason, runId }) => broadcast.sessionsChanged(() => sessionChange(key, reason, runId)),
    gate: () => ({
      shuttingDown: lifecycle.phase() === "stopping",
      openTurns: lanes.size(),
      maxOpenTurns: MAX_OPEN_TURNS,
    }),
    agents: () => agents,
    chooseModel: models.choose,
    provider: createProviders(PROVIDERS, { outbound, clock }),
    toolsOf: (agent) => toolsOf.get(agent.id) ?? [],
    childEnv: env.childEnv(),
    workspaceFiles: readWorkspaceFiles,
    timeZone: env.tz ?? systemTimeZone(),
  };

  function sessionChange(key: string, reason: string, runId: string): Record<string, unknown> {
    const session = store.find(key);
    return {
      sessionKey: key,
      ts: clock.now(),
      ...(reason === "send" ? { reason } : { phase: reason }),
      runId,
      ...(session && {
        agentId: session.agentId,
        session: rowOf(session, defaultAgentId(loaded.config), turns),
      }),
    };
  }

  return {
    clock,
    paths,
    loaded,
    auth,
    perimeter,
    attempts: trackAttempts({ ...DEFAULT_ATTEMPT_RULES, ...loaded.config.gateway?.auth?.rateLimit }, clock),
    lifecycle,
    sink,
    broadcast,
    presence: openPresence(clock),
    health,
    eventLoop,
    model: models.defaultModel,
    bootId: randomUUID(),
    port,
    turns,
  };
}
