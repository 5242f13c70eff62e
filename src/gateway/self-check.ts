import type { Finding, Severity } from "../doctor/finding.ts";
import type { ChannelSeen } from "../doctor/gateway-view.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { LogSink } from "../platform/log.ts";
import type { Paths } from "../platform/paths.ts";
import type { Scope } from "../platform/scope.ts";
import type { Observed } from "./observed.ts";
import type { Reload } from "./reload/status.ts";

/** The doctor's checks from inside: what `/readyz`, `status` and the dashboard show of the gateway's troubles. */
export interface SelfCheck {
  /** As of the last look; nothing is waited for. */
  findings(): readonly Finding[];
  /** Looks now, unless it did a moment ago. Never rejects. */
  look(): Promise<readonly Finding[]>;
  /** What was found may hold no longer; a look that is going on has perhaps begun before it. Nothing is waited for. */
  changed(): void;
  start(scope: Scope): void;
}

export interface SelfCheckInput {
  clock: Clock;
  env: Env;
  paths: Paths;
  sink: LogSink;
  reload: Reload;
  observed: Observed;
  trustedProxies(): readonly string[];
  port(): number;
  channels(): readonly ChannelSeen[];
  /** Something was found that was not known, or is not there any more. */
  onChange(findings: readonly Finding[]): void;
}

/** After the start has settled: what is loaded for it is not part of the way to ready. */
const FIRST_MS = 6_000;
const EVERY_MS = 300_000;
/** Who asks twice within it gets the same answer. */
const FRESH_MS = 50;

export function openSelfCheck(input: SelfCheckInput): SelfCheck {
  const { clock, sink } = input;
  const log = sink.log.child("doctor");
  let findings: readonly Finding[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let outdated = false;

  async function look(): Promise<void> {
    const { examineSelf } = await import("./examine-self.ts");
    do {
      outdated = false;
      const found = (await examineSelf(input)).filter(({ severity }) => severity !== "info");
      tellChanges(findings, found);
      const changed = JSON.stringify(findings.map(brief)) !== JSON.stringify(found.map(brief));
      findings = found;
      if (changed) input.onChange(found);
      lookedAt = clock.monotonic();
    } while (outdated);
  }

  function tellChanges(before: readonly Finding[], after: readonly Finding[]): void {
    for (const { id, title, severity, fix } of after) {
      if (before.some((known) => known.id === id)) continue;
      log[LEVELS[severity]](`${title} [${id}]`, { fix });
    }
    for (const { id, title } of before) {
      if (!after.some((still) => still.id === id)) log.info(`no longer: ${title} [${id}]`);
    }
  }

  async function refresh(): Promise<readonly Finding[]> {
    if (outdated || clock.monotonic() - lookedAt >= FRESH_MS) {
      running ??= look()
        .catch((error: unknown) => log.error("the checks failed", { error }))
        .finally(() => {
          running = undefined;
        });
      await running;
    }
    return findings;
  }

  return {
    findings: () => findings,
    look: refresh,
    changed() {
      outdated = true;
      void refresh();
    },
    start(scope) {
      scope.own(clock.after(FIRST_MS, () => scope.spawn("self-check", async () => void (await refresh()))));
      scope.every(EVERY_MS, () => scope.spawn("self-check", async () => void (await refresh())));
    },
  };
}

/** What clients are told of a finding without asking. */
export function brief({
  id,
  severity,
  title,
  fix,
}: Finding): Pick<Finding, "id" | "severity" | "title" | "fix"> {
  return { id, severity, title, fix };
}

const LEVELS = { error: "error", warning: "warn", info: "info" } as const satisfies Record<Severity, string>;
