import { get } from "node:http";
import type { Target } from "./target.ts";

/**
 * What `GET /startupz` says (protocol.md §11.1), which answers before the gateway takes connections.
 * "unknown": something listens that does not have this route, or does not answer in time.
 */
export type StartupState = "started" | "starting" | "closed" | "unknown";

export function askStartup(at: Address, timeoutMs: number): Promise<StartupState> {
  return ask(at, "/startupz", timeoutMs);
}

/** The same of `GET /readyz`: "starting" is a gateway that cannot take work, also because it stops. */
export function askReady(at: Address, timeoutMs: number): Promise<StartupState> {
  return ask(at, "/readyz", timeoutMs);
}

type Address = Pick<Target, "host" | "port">;

function ask({ host, port }: Address, path: string, timeoutMs: number): Promise<StartupState> {
  return new Promise((resolve) => {
    const hostname = host.replace(/^\[(.*)\]$/, "$1");
    const request = get({ hostname, port, path, agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(stateOf(response.statusCode));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED" ? "closed" : "unknown");
    });
  });
}

function stateOf(status: number | undefined): StartupState {
  return status === 200 ? "started" : status === 503 ? "starting" : "unknown";
}
