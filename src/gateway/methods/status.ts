import * as v from "valibot";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineMethod } from "../method.ts";

/** What `openclaw status` prints besides the health object. */
export default defineMethod({
  name: "status",
  scope: "operator.read",
  params: v.object({}),
  async run(_params, { services }) {
    const { health, lifecycle, turns, sink, loaded, broadcast, model } = services;
    const { sessions } = health.refresh();
    const { target, source, detail } = await model;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      runtimeVersion: PRODUCT_VERSION,
      pid: process.pid,
      uptimeMs: lifecycle.uptimeMs(),
      port: services.port(),
      configPath: loaded.path,
      logFile: sink.file(),
      model: { provider: target.provider, model: target.model, source, detail },
      sessions: {
        paths: [sessions!.path],
        count: sessions!.count,
        defaults: {
          model: `${target.provider}/${target.model}`,
          contextTokens: target.contextWindow ?? null,
        },
        recent: sessions!.recent,
      },
      devices: { paired: 0 },
      connections: broadcast.connections().size,
      openTurns: turns.lanes.size(),
      eventLoop: services.eventLoop.read(),
      configReload: services.reload.status(),
      processMemory: { rss, heapUsed },
    };
  },
});
