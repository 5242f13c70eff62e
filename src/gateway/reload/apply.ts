import { type Attempts, DEFAULT_ATTEMPT_RULES, trackAttempts } from "../../access/attempts.ts";
import { requireAuthBeyondLoopback, sameAuth, secretsOf } from "../../access/credentials.ts";
import { restsOnConfig } from "../../access/principal.ts";
import { configuredAgents } from "../../config/agents.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { secretsIn } from "../../config/redact.ts";
import type { Config } from "../../config/schema.ts";
import { Fault } from "../../platform/fault.ts";
import { CLOSE } from "../../protocol/limits.ts";
import { type Listener, NO_PATIENCE, sameListener } from "../listener.ts";
import type { ModelSelection } from "../models.ts";
import type { GatewayServices } from "../services.ts";
import type { Settings } from "../settings.ts";
import type { Snapshots } from "../snapshot.ts";

export interface RunningParts {
  services: GatewayServices;
  snapshots: Snapshots;
  listener: Listener;
  selectModels(config: Config): ModelSelection;
}

export interface NextConfig {
  loaded: LoadedConfig;
  settings: Settings;
  listener: ListenerRule;
  /** The former listener closes its sockets at once (`--now`). */
  now: boolean;
}

/** Whether the ports may be opened anew, and whether they have to be. */
export type ListenerRule = "keep" | "move-if-different" | "move";

/** Running turns get so long before the sockets of the former listener close; their results are kept either way. */
const DRAIN_MS = 10_000;
/** HTTP answers that are being written when the port is left may come to their end. */
const LAST_ANSWERS_MS = 120_000;

/**
 * Swaps what differs, each part for itself: the successor is there before the predecessor goes. Returns the parts
 * that could not be swapped and go on as they were, one line each.
 */
export async function applyConfig(next: NextConfig, running: RunningParts): Promise<string[]> {
  const { loaded, settings } = next;
  const { services, snapshots, listener } = running;
  const kept: string[] = [];

  learnSecrets(next, services);
  services.sink.setLevel(settings.logLevel);
  snapshots.install({
    loaded,
    agents: configuredAgents(loaded.config, services.paths),
    attempts: attemptsFor(loaded.config, running),
    limits: settings.limits,
    perimeter: { ...settings.perimeter, loopbackOnly: listener.settings().bind.loopbackOnly },
  });
  services.broadcast.close(
    (connection) => !connection.stillAdmitted(),
    CLOSE.authChanged,
    "gateway policy changed",
  );
  let authProblem = swapAuth(settings, running);

  const moves = next.listener === "move-if-different" && !sameListener(listener.settings(), settings);
  if (moves || next.listener === "move") {
    const problem = await moveListener(next, running);
    if (problem !== undefined) kept.push(`listener: ${problem}`);
    // Who goes without a secret because the port is private now could not do so before.
    if (authProblem !== undefined) authProblem = swapAuth(settings, running);
  }
  if (authProblem !== undefined) kept.push(`auth: ${authProblem}`);

  followChannels(services);
  const problem = await swapModels(loaded.config, running);
  if (problem !== undefined) kept.push(`models: ${problem}`);
  return kept;
}

async function moveListener(
  { loaded, settings, now }: NextConfig,
  { snapshots, listener }: RunningParts,
): Promise<string | undefined> {
  const { perimeter } = snapshots.current();
  const drainMs = loaded.config.gateway?.reload?.deferralTimeoutMs ?? DRAIN_MS;
  // The new ports answer by the new rules from their first connection on.
  snapshots.install({ perimeter: settings.perimeter });
  try {
    await listener.move(settings, now ? NO_PATIENCE : { drainMs, lastAnswersMs: LAST_ANSWERS_MS });
    return undefined;
  } catch (error) {
    snapshots.install({ perimeter });
    return explain(error);
  }
}

/** From here on they cannot reach a log line. */
function learnSecrets({ loaded, settings: { auth } }: NextConfig, { sink }: GatewayServices): void {
  for (const secret of [...secretsOf(auth), ...secretsIn(loaded.config)]) sink.addSecret(secret);
}

/** The count of failures goes on unless its rules are others. */
function attemptsFor({ gateway }: Config, { services, snapshots }: RunningParts): Attempts {
  const { loaded, attempts } = snapshots.current();
  const [before, after] = [loaded.config.gateway?.auth?.rateLimit, gateway?.auth?.rateLimit];
  if (JSON.stringify(before) === JSON.stringify(after)) return attempts;
  return trackAttempts({ ...DEFAULT_ATTEMPT_RULES, ...after }, services.clock);
}

/** What was proven with the former secret is over (AUTH-28). Returns why the former one has to stay. */
function swapAuth({ auth }: Settings, { services, snapshots, listener }: RunningParts): string | undefined {
  if (sameAuth(auth, snapshots.current().auth)) return undefined;
  const { mode, loopbackOnly } = listener.settings().bind;
  try {
    requireAuthBeyondLoopback(auth, mode, loopbackOnly);
  } catch (error) {
    return explain(error);
  }
  snapshots.install({ auth });
  services.broadcast.close(
    ({ principal }) => restsOnConfig(principal),
    CLOSE.authChanged,
    "gateway auth changed",
  );
  return undefined;
}

async function swapModels(
  config: Config,
  { snapshots, selectModels }: RunningParts,
): Promise<string | undefined> {
  const predecessor = snapshots.current().models;
  if (modelFacts(predecessor.config) === modelFacts(config)) return undefined;
  const successor = selectModels(config);
  const [next, former] = await Promise.all([successor.defaultModel, predecessor.defaultModel]);
  const problem = next.kind === "unusable" ? explain(next.error) : undefined;
  // Where neither has a usable default, the newer reason is the better one.
  if (problem !== undefined && former.kind === "chosen") return problem;
  snapshots.install({ models: successor });
  return problem;
}

/** Each account for itself; one that cannot connect says so in its own state. Not waited for: platforms take their time. */
function followChannels({ channels, sink }: GatewayServices): void {
  void channels
    .follow()
    .catch((error) => sink.log.error("the channels could not follow the config", { error }));
}

function modelFacts({ models, agents, env }: Config): string {
  return JSON.stringify([models, agents?.defaults?.model, env?.vars]);
}

function explain(error: unknown): string {
  if (!(error instanceof Fault)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.why, error.fix && `fix: ${error.fix}`].filter(Boolean).join(" — ");
}
