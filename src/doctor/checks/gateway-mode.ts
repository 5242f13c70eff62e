import { defineCheck } from "../check.ts";

/** The first thing a start asks for. What it says besides is `start-refused`. */
export default defineCheck({
  id: "gateway-mode",
  summary: "gateway.mode says that this machine serves",
  where: "anywhere",
  async inspect({ config, lastGood }) {
    const checked = await config();
    if (!checked.ok || !checked.loaded.exists) return [];
    const { config: inForce, path } = checked.loaded;
    const mode = inForce.gateway?.mode;
    if (mode === "local") return [];
    if (mode === "remote") {
      const url = inForce.gateway?.remote?.url;
      // A client of another gateway is a fine thing to be, and starts none.
      if (url !== undefined)
        return [{ id: "gateway-mode-remote", severity: "info", evidence: [`gateway.remote.url is ${url}`] }];
      return [
        {
          id: "gateway-mode-remote",
          evidence: [`${path}: gateway.mode is "remote", and there is no gateway.remote.url`],
          place: { path: "gateway.mode", file: path },
        },
      ];
    }
    const before = await lastGood();
    const formerly = before?.checked.ok ? before.checked.loaded.config.gateway?.mode : undefined;
    return [
      {
        id: "gateway-mode-unset",
        title: "gateway.mode unset — gateway start will be blocked",
        evidence: [
          `${path} has no gateway.mode: gateway.mode is unset; gateway start will be blocked.`,
          ...(formerly ? [`the last config the gateway ran with says gateway.mode=${formerly}`] : []),
        ],
        place: { path: "gateway.mode", file: path },
        repair: {
          does: `set gateway.mode to ${formerly ?? "local"}`,
          level: "safe",
          changes: [
            { kind: "config-edits", edits: [{ path: ["gateway", "mode"], value: formerly ?? "local" }] },
          ],
        },
      },
    ];
  },
});
