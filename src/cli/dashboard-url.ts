import type { Target } from "./target.ts";

/** Where the dashboard of a gateway is; without credentials. */
export function dashboardUrl(target: Target): string {
  return `${target.url.replace(/^ws/, "http").replace(/\/+$/, "")}/`;
}
