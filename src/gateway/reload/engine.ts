import type { FileView } from "../../config/file-view.ts";
import { newestVersion } from "../../config/history.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { planReload, type ReloadPlan } from "../../config/reload-plan.ts";
import type { Scope } from "../../platform/scope.ts";
import { sameListener } from "../listener.ts";
import { openOffThread } from "../off-thread.ts";
import type { GatewayFlags } from "../settings.ts";
import { applyConfig, type ListenerRule, type RunningParts } from "./apply.ts";
import { type Candidate, isInForce, loadCandidate } from "./candidate.ts";
import { openLooks } from "./looks.ts";
import { openRecords } from "./records.ts";
import { type ReloadMode, type ReloadStatus, reloadMode } from "./status.ts";
import { openViews } from "./views.ts";
import { watchConfig } from "./watch.ts";

export interface EngineInput extends RunningParts {
  flags: GatewayFlags;
  scope: Scope;
  onStatus(status: ReloadStatus): void;
  /** The text with this hash is in force; `isOther`: the same text, but it does not say the same any more. */
  onApplied(hash: string, isOther: boolean): void;
}

export interface ReloadEngine {
  /** Something may have changed. */
  poke(): void;
  /** What others see of the file. */
  view(secrets: () => readonly string[]): Promise<FileView>;
}

/** What the last reload that changed something has left behind. */
interface Standing {
  appliedAt: number;
  kept: string[];
  restartNeeded: string[];
}

const SETTLE_MS = 200;
/** Complaints that are not repeated; more different ones than this are no longer told apart. */
const MAX_COMPLAINTS = 200;
const MAX_NAMES = 20;

/** Follows the config file: load, validate, plan, swap each part, keep the text as the last good one. */
export function startEngine(input: EngineInput): ReloadEngine {
  const { services, snapshots, listener, flags, scope } = input;
  const { clock, env, paths, sink } = services;
  const log = sink.log.child("reload");
  const records = openRecords({ paths, scope, log });
  const complaints = new Set<string>();
  /** The config the ports were opened for. */
  let listening = snapshots.current().loaded;
  const standing: Standing = { appliedAt: services.reload.status().appliedAt, kept: [], restartNeeded: [] };
  let running = false;
  let again = false;
  const thread = scope.own(openOffThread(clock));
  const looks = openLooks(clock);

  const watch = scope.own(
    watchConfig({
      clock,
      settleMs: () => snapshots.current().loaded.config.gateway?.reload?.debounceMs ?? SETTLE_MS,
      onSettled: () => scope.spawn("reload", round),
    }),
  );
  records.keepAsGood(listening);
  records.recordEdit();
  records.tellDamage();
  watch.follow(listening.files);
  // What was saved while the gateway was starting.
  watch.poke();

  /** One at a time: what changes meanwhile is looked at afterwards. */
  async function round(): Promise<void> {
    again = true;
    if (running) return looks.outdate();
    running = true;
    try {
      while (again && !scope.signal.aborted) {
        again = false;
        await reload();
      }
    } finally {
      running = false;
    }
  }

  async function reload(): Promise<void> {
    const before = snapshots.current().loaded;
    const mode = reloadMode(before.config);
    if (mode === "off" || services.lifecycle.phase() === "stopping") return;
    if (isInForce(before, paths)) return settle(before);
    const candidate = await look(before);
    if (!candidate) return;
    if (!candidate.ok) return skip(candidate.issues);
    const { loaded, settings } = candidate;
    watch.follow(loaded.files);
    const plan = planReload(before.config, loaded.config);
    if (loaded.filesHash !== before.filesHash || plan.changed.length > 0) {
      const rule = listenerRule(mode, plan);
      standing.kept = await applyConfig({ loaded, settings, listener: rule, now: isUrgent(loaded) }, input);
      const restart = planReload(listening.config, loaded.config).restart;
      standing.restartNeeded = sameListener(listener.settings(), settings) ? [] : restart;
      if (standing.restartNeeded.length === 0) listening = loaded;
      standing.appliedAt = clock.now();
      tell(plan, before, candidate);
      if (standing.kept.length === 0) records.keepAsGood(loaded);
      records.recordEdit();
    }
    // Of an edit of an included file the hash of the main one says nothing.
    settle(loaded, loaded.hash === before.hash && plan.changed.length > 0);
  }

  /** The file and what is served say the same. */
  function settle({ hash }: LoadedConfig, isOther = false): void {
    complaints.clear();
    report();
    input.onApplied(hash, isOther);
  }

  /** Undefined when the file has changed meanwhile; then there is another look. */
  async function look(before: LoadedConfig): Promise<Candidate | undefined> {
    const outdated = looks.begin();
    const signal = AbortSignal.any([outdated, scope.signal]);
    try {
      return await loadCandidate({ paths, env, flags, before, thread }, signal);
    } catch (error) {
      if (outdated.aborted) return undefined;
      throw error;
    }
  }

  function skip(issues: string[]): void {
    const complaint = issues.join("; ");
    if (!complaints.has(complaint) && complaints.size < MAX_COMPLAINTS) {
      complaints.add(complaint);
      log.warn(`config reload skipped (invalid config): ${complaint}`, { fix: "openclaw config validate" });
    }
    report(issues);
  }

  function tell(
    plan: ReloadPlan,
    before: LoadedConfig,
    { loaded, settings }: Candidate & { ok: true },
  ): void {
    const fresh = loaded.notices.filter((notice) => !before.notices.includes(notice));
    for (const notice of [...fresh, ...settings.notices]) log.warn(notice);
    const paths = [...plan.hot, ...plan.restart.filter((path) => !standing.restartNeeded.includes(path))];
    log.info(
      paths.length > 0 ? `config reloaded: ${names(paths)}` : "config reloaded: nothing in it takes effect",
    );
    for (const line of standing.kept) log.error(`config reload kept the former settings of ${line}`);
    if (standing.restartNeeded.length > 0) {
      log.warn(
        `restart needed: ${names(standing.restartNeeded)} — stop this gateway, then: openclaw gateway run`,
      );
    }
  }

  /** Whoever wrote this text said so. */
  function isUrgent({ hash }: LoadedConfig): boolean {
    const newest = newestVersion(paths);
    return newest?.hash === hash && newest.now === true;
  }

  function report(issues?: string[]): void {
    const { loaded } = snapshots.current();
    const status = statusOf(loaded, standing, issues);
    if (JSON.stringify(status) === JSON.stringify(services.reload.status())) return;
    input.onStatus(status);
    const { broadcast, health, presence } = services;
    broadcast.health(health.refresh(), { presence: presence.version(), health: health.version() });
  }

  const view = openViews({
    paths,
    env,
    thread,
    signal: scope.signal,
    inForce: () => snapshots.current().loaded,
  });
  return { poke: watch.poke, view };
}

function listenerRule(mode: ReloadMode, plan: ReloadPlan): ListenerRule {
  if (mode === "hot") return "keep";
  const effective = plan.hot.length + plan.restart.length > 0;
  return mode === "restart" && effective ? "move" : "move-if-different";
}

function statusOf({ config, hash }: LoadedConfig, standing: Standing, issues?: string[]): ReloadStatus {
  const mode = reloadMode(config);
  const { appliedAt, kept, restartNeeded } = standing;
  const state = (): ReloadStatus["state"] => {
    if (issues) return "invalid";
    if (mode === "off") return "off";
    if (restartNeeded.length > 0) return "restart-needed";
    return kept.length > 0 ? "partial" : "current";
  };
  return {
    mode,
    state: state(),
    appliedHash: hash,
    appliedAt,
    ...(issues && { issues }),
    ...(restartNeeded.length > 0 && { restartNeeded }),
    ...(kept.length > 0 && { kept }),
  };
}

function names(paths: readonly string[]): string {
  const more = paths.length - MAX_NAMES;
  return paths.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
