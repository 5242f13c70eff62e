import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";
import type { GatewayView } from "../gateway-view.ts";

/** Whether the gateway of this state folder runs and takes work. */
export default defineCheck({
  id: "gateway-state",
  summary: "the gateway runs, answers and is of this version",
  where: "outside",
  async inspect({ gateway, version, config }) {
    const view = await gateway();
    const checked = await config();
    const mode = checked.ok ? checked.loaded.config.gateway?.mode : undefined;
    // Without a mode there is nothing to run yet, and that is said elsewhere.
    return observe(view, version, mode);
  },
});

function observe(view: GatewayView, version: string, mode: string | undefined): Observation[] {
  const where = `${view.host}:${view.port}`;
  const holder = view.holder?.pid === undefined ? undefined : `pid ${view.holder.pid} holds the state folder`;
  const evidence = [`${where}: ${view.reason ?? "no answer"}`, ...(holder ? [holder] : [])];
  switch (view.reach) {
    case "connected":
      if (view.version === version) return [];
      return [
        {
          id: "gateway-version-skew",
          evidence: [`the gateway on ${where} is ${view.version}, this program is ${version}`],
        },
      ];
    case "not-ready":
      return [{ id: "gateway-not-ready", title: "FAIL: gateway health check failed — not ready", evidence }];
    case "down":
    case "silent":
      if (view.holder) return [{ id: "gateway-unreachable", evidence }];
      if (!view.local)
        return [{ id: "gateway-unreachable", evidence, fix: "openclaw config get gateway.remote.url" }];
      // Being stopped stops nobody: `doctor --fix && openclaw restart` has to go on.
      return mode === undefined
        ? []
        : [{ id: "gateway-not-running", severity: "warning", evidence: [`${where}: nothing listens`] }];
    default:
      return [];
  }
}
