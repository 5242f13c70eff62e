import { get } from "node:http";
import type { Target } from "./target.ts";

/**
 * What `GET /startupz` says (protocol.md §11.1), which answers before the gateway takes connections.
 * "unknown": something listens that does not have this route, or does not answer in time.
 */
export type StartupState = "started" | "starting" | "closed" | "unknown";

export function askStartup(
  { host, port }: Pick<Target, "host" | "port">,
  timeoutMs: number,
): Promise<StartupState> {
  return new Promise((resolve) => {
    const hostname = host.replace(/^\[(.*)\]$/, "$1");
    const request = get(
      { hostname, port, path: "/startupz", agent: false, timeout: timeoutMs },
      (response) => {
        response.resume();
        resolve(stateOf(response.statusCode));
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED" ? "closed" : "unknown");
    });
  });
}

function stateOf(status: number | undefined): StartupState {
  return status === 200 ? "started" : status === 503 ? "starting" : "unknown";
}
