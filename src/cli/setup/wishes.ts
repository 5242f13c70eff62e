import { randomBytes } from "node:crypto";
import type { ConfigEdit } from "../../config/legacy-write.ts";
import { getAt } from "../../config/path.ts";
import type { Config } from "../../config/schema.ts";
import { type AccountWish, accountEdits } from "../channels/account-edits.ts";
import { configuredModels } from "../configured-models.ts";

/** What somebody wants to have. What is absent stays as it is. */
export interface Wishes {
  mode?: "local" | "remote";
  remote?: { url?: string; token?: string };
  workspace?: string;
  port?: number;
  bind?: string;
  auth?: { mode: "token" | "password" | "none"; secret?: string };
  /** "provider/model" */
  model?: string;
  /** By provider. */
  keys?: Readonly<Record<string, string>>;
  /** Of a chat app. */
  account?: AccountWish;
}

/** The edits that make it so, without those that change nothing. Pure but for a new token. */
export function setupEdits(wishes: Wishes, config: Config): ConfigEdit[] {
  const { mode, remote, workspace, port, bind, auth, model, keys = {}, account } = wishes;
  const { primaryPath } = configuredModels(config);
  const wanted: ConfigEdit[] = [];
  const set = (path: string, value: unknown) => {
    if (value !== undefined) wanted.push({ path: path.split("."), value });
  };
  set("gateway.mode", mode);
  set("gateway.remote.url", remote?.url);
  set("gateway.remote.token", remote?.token);
  set("gateway.port", port);
  set("gateway.bind", bind);
  set("gateway.auth.mode", auth?.mode);
  if (auth?.mode === "token") {
    const has = config.gateway?.auth?.token !== undefined;
    set("gateway.auth.token", auth.secret ?? (has ? undefined : randomBytes(32).toString("hex")));
  }
  if (auth?.mode === "password") set("gateway.auth.password", auth.secret);
  set(primaryPath, model);
  set("agents.defaults.workspace", workspace);
  for (const [provider, key] of Object.entries(keys))
    wanted.push({ path: ["models", "providers", provider, "apiKey"], value: key });
  if (account) wanted.push(...accountEdits(account, config));
  return wanted.filter(({ path, value }) => getAt(config, path) !== value);
}

/** For a summary: what changes, without secrets. */
export function editLines(edits: readonly ConfigEdit[]): string[] {
  return edits.map(({ path, value }) => {
    const isSecret = /^(token|password|apiKey|botToken)$/.test(String(path.at(-1)));
    return `${path.join(".")}: ${isSecret ? "(kept secret)" : String(value)}`;
  });
}
