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

async function ask(at: Address, path: string, timeoutMs: number): Promise<StartupState> {
  const plain = await askBy(get, at, path, timeoutMs);
  if (plain !== "cut") return plain;
  // Something that speaks TLS ends a plain question like that. Nothing secret is in it, so any certificate will do.
  const { get: getSecure } = await import("node:https");
  const secure = await askBy(getSecure, at, path, timeoutMs);
  return secure === "cut" ? "unknown" : secure;
}

function askBy(
  send: typeof get,
  { host, port }: Address,
  path: string,
  timeoutMs: number,
): Promise<StartupState | "cut"> {
  return new Promise((resolve) => {
    const hostname = host.replace(/^\[(.*)\]$/, "$1");
    const how = {
      hostname,
      port,
      path,
      agent: false as const,
      timeout: timeoutMs,
      rejectUnauthorized: false,
    };
    const request = send(how, (response) => {
      response.resume();
      resolve(stateOf(response.statusCode));
    });
    request.on("timeout", () => {
      resolve("unknown");
      request.destroy();
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED" ? "closed" : "cut");
    });
  });
}

function stateOf(status: number | undefined): StartupState {
  return status === 200 ? "started" : status === 503 ? "starting" : "unknown";
}
