import { resolveModelRef } from "../../agent/model-ref.ts";
import { ensureFirstConfig } from "../../config/first-run.ts";
import type { ConfigEdit } from "../../config/legacy-write.ts";
import type { Config } from "../../config/schema.ts";
import { updateConfig } from "../../config/store.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { columns } from "../columns.ts";
import { configuredModels } from "../configured-models.ts";
import type { CommandContext } from "../context.ts";
import { setupEdits, type Wishes } from "./wishes.ts";

export interface SetupResult {
  path: string;
  created: boolean;
  changed: string[];
  mode: string | undefined;
  bind: string;
  port?: number;
  auth: string;
  workspace: string;
  model?: string;
  /** Why the model cannot be used as it is. */
  modelProblem?: string;
}

/** Makes the config where there is none, and adds what is wished; a missing mode becomes local. */
export async function writeSetup(
  wishes: Wishes,
  { paths, env, config, name }: CommandContext,
): Promise<SetupResult> {
  const { created } = await ensureFirstConfig(paths, env, PRODUCT_VERSION);
  const current = (await config()).config;
  const missing: Wishes = current.gateway?.mode === undefined ? { mode: "local" } : {};
  const edits: ConfigEdit[] = setupEdits({ ...missing, ...wishes }, current);
  const change = { edits, version: PRODUCT_VERSION, author: { kind: "cli" }, command: name } as const;
  const updated = edits.length > 0 && (await updateConfig({ paths, env, ...change }));
  const { config: result } = updated ? updated.loaded : await config();
  const { primary } = configuredModels(result);
  const problem = primary === undefined ? undefined : modelProblem(primary, result, env);
  return {
    path: paths.configPath,
    created,
    changed: updated && updated.kind === "written" ? edits.map(({ path }) => path.join(".")) : [],
    mode: result.gateway?.mode,
    bind: result.gateway?.bind ?? (env.inContainer ? "auto" : "loopback"),
    ...(typeof result.gateway?.port === "number" && { port: result.gateway.port }),
    auth: authOf(result, env),
    workspace: result.agents?.defaults?.workspace ?? paths.workspaceDir,
    ...(primary !== undefined && { model: primary }),
    ...(problem !== undefined && { modelProblem: problem }),
  };
}

export function printSetup(result: SetupResult, { io }: Pick<CommandContext, "io">): void {
  const { path, created, changed, mode, bind, port, auth, workspace, model, modelProblem: problem } = result;
  if (created) io.out(`Made ${path}`);
  else if (changed.length > 0) io.out(`Updated ${changed.join(", ")} in ${path}`);
  else io.out(`Nothing to change in ${path}`);
  const reachable = bind === "loopback" ? "from this machine only" : `gateway.bind is ${bind}`;
  const rows = [
    ["Mode", mode ?? "unset"],
    ["Reachable", port === undefined ? reachable : `${reachable}, port ${port}`],
    ["Protected", auth],
    ["Workspace", workspace],
    ...(model === undefined ? [] : [["Model", model] as const]),
  ] as const;
  for (const line of columns(rows)) io.out(line);
  if (problem !== undefined) io.note(`notice: ${problem}`);
}

function modelProblem(model: string, config: Config, env: Env): string | undefined {
  try {
    resolveModelRef(model, config, env);
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.message}${error.fix === undefined ? "" : `; ${error.fix}`}`;
  }
}

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
