import type { Config } from "../config/schema.ts";
import type { Target } from "./target.ts";

/** Where the Control UI of a gateway is; without credentials. */
export function dashboardUrl(target: Target, config: Config): string {
  const base = target.url.replace(/^ws/, "http").replace(/\/+$/, "");
  const path = (target.local && config.gateway?.controlUi?.basePath?.replace(/^\/+|\/+$/g, "")) || "";
  return path === "" ? `${base}/` : `${base}/${path}/`;
}
