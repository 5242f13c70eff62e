import { ensureFirstConfig } from "../../config/first-run.ts";
import type { ConfigEdit } from "../../config/legacy-write.ts";
import type { Config } from "../../config/schema.ts";
import { updateConfig } from "../../config/store.ts";
import type { Env } from "../../platform/env.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { columns } from "../columns.ts";
import { defineCommand } from "../command.ts";

export default defineCommand({
  summary: "Write what a gateway on this machine needs",
  description: [
    "Asks nothing, so it works without a terminal and can be repeated: it makes a config when there is none,",
    "and otherwise adds only what is missing.",
  ],
  options: {
    mode: { type: "choice", values: ["local"], summary: "set gateway.mode, also when it is something else" },
    workspace: { type: "string", placeholder: "folder", summary: "where agents keep their files" },
    nonInteractive: { type: "boolean", summary: "accepted for older scripts; nothing is asked anyway" },
    acceptRisk: { type: "boolean", summary: "accepted for older scripts" },
    baseline: { type: "boolean", summary: "accepted for older scripts" },
  },
  async run({ mode, workspace }, { paths, env, config }) {
    const { created } = await ensureFirstConfig(paths, env, PRODUCT_VERSION);
    const { gateway } = (await config()).config;
    const edits: ConfigEdit[] = [];
    if (gateway?.mode === undefined || (mode && gateway.mode !== mode)) {
      edits.push({ path: ["gateway", "mode"], value: "local" });
    }
    if (workspace !== undefined) edits.push({ path: ["agents", "defaults", "workspace"], value: workspace });
    const change = { edits, version: PRODUCT_VERSION, author: { kind: "cli" }, command: "setup" } as const;
    const updated = edits.length > 0 && (await updateConfig({ paths, env, ...change }));
    const { config: result } = updated ? updated.loaded : await config();
    return {
      path: paths.configPath,
      created,
      changed: updated && updated.kind === "written" ? edits.map(({ path }) => path.join(".")) : [],
      mode: result.gateway?.mode,
      bind: result.gateway?.bind ?? (env.inContainer ? "auto" : "loopback"),
      auth: authOf(result, env),
      workspace: result.agents?.defaults?.workspace ?? paths.workspaceDir,
    };
  },
  render({ path, created, changed, mode, bind, auth, workspace }, { io }) {
    if (created) io.out(`Made ${path}`);
    else if (changed.length > 0) io.out(`Updated ${changed.join(", ")} in ${path}`);
    else io.out(`Nothing to change in ${path}`);
    const rows = [
      ["Mode", mode ?? "unset"],
      ["Reachable", bind === "loopback" ? "from this machine only" : `gateway.bind is ${bind}`],
      ["Protected", auth],
      ["Workspace", workspace],
    ] as const;
    for (const line of columns(rows)) io.out(line);
    io.out(mode === "remote" ? "Next: openclaw status" : "Next: openclaw start");
  },
});

function authOf({ gateway }: Config, env: Env): string {
  const { mode, token, password } = gateway?.auth ?? {};
  if (mode === "none") return "not at all: gateway.auth.mode is none";
  if (mode === "password" || (mode === undefined && token === undefined && password !== undefined)) {
    return "by the password in gateway.auth.password";
  }
  if (env.gateway.token) return "by the token in OPENCLAW_GATEWAY_TOKEN";
  return token === undefined
    ? "by a token that the first start makes and keeps"
    : "by a token; show it: openclaw gateway auth-token --show";
}
