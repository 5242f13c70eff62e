import * as v from "valibot";
import { CHANNEL_IDS } from "../../channels/channel-ids.gen.ts";
import { exitText, type LastExit } from "../../platform/last-exit.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { deskIfAny } from "../channels/ask-desk.ts";
import type { DeviceDoor } from "../device-door.ts";
import { defineMethod } from "../method.ts";
import { type DefaultModel, sessionDefaults } from "../models.ts";
import { brief } from "../self-check.ts";

/** What this version has of it; clients show it instead of guessing from what is missing. */
const SCHEDULER = { supported: false, enabled: false };

/** What `openclaw status` prints besides the health object. */
export default defineMethod({
  name: "status",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services }) {
    const {
      health,
      lifecycle,
      turns,
      sink,
      loaded,
      broadcast,
      model,
      previousExit,
      clock,
      safeMode,
      selfCheck,
    } = services;
    const { sessions } = health.refresh();
    const found = await model;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      runtimeVersion: PRODUCT_VERSION,
      pid: process.pid,
      uptimeMs: lifecycle.uptimeMs(),
      ...describeExit(previousExit(), clock.now()),
      safeMode: safeMode?.report(),
      port: services.port(),
      configPath: loaded.path,
      logFile: sink.file(),
      ...describeModel(found),
      sessions: {
        paths: [sessions!.path],
        count: sessions!.count,
        defaults: sessionDefaults(found),
        recent: sessions!.recent,
      },
      devices: await deviceCounts(services.devices),
      ...describeTls(services.listening().fingerprint),
      channels: {
        supported: CHANNEL_IDS,
        configured: Object.keys(loaded.config.channels ?? {}),
        accounts: (await deskIfAny(services))?.accounts() ?? [],
      },
      scheduler: SCHEDULER,
      connections: broadcast.connections().size,
      openTurns: turns.lanes.size(),
      eventLoop: services.eventLoop.read(),
      configReload: services.reload.status(),
      findings: selfCheck.findings().map(brief),
      processMemory: { rss, heapUsed },
      memory: services.stability.memory,
    };
  },
});

/** A database that cannot be opened is a finding of its own and no reason to have no status. */
async function deviceCounts(door: DeviceDoor): Promise<{ paired: number; pending?: number }> {
  return door.open().then(
    (devices) => devices.counts(),
    () => ({ paired: 0 }),
  );
}

/** Only of a run that did not end in good order. */
function describeExit(exit: LastExit | undefined, nowMs: number) {
  if (exit?.kind !== "unclean" && exit?.kind !== "failed") return {};
  const { kind, boot, atMs, cause } = exit;
  return { lastExit: { kind, pid: boot.pid, atMs, cause, text: exitText(exit, nowMs) } };
}

/** What a client elsewhere pins. */
function describeTls(fingerprint: string | undefined) {
  return fingerprint === undefined ? {} : { tls: { fingerprint } };
}

function describeModel(found: DefaultModel) {
  if (found.kind === "unusable") return { modelProblem: found.error.message };
  const { target, source, detail } = found.choice;
  return { model: { provider: target.provider, model: target.model, source, detail } };
}
