import { get } from "node:http";
import type { Target } from "./target.ts";

/**
 * What `GET /startupz` says (protocol.md §11.1), which answers before the gateway takes connections.
 * "unknown": something listens that does not have this route, or does not answer in time.
 */
export type StartupState = "started" | "starting" | "closed" | "unknown";

export type HttpAnswer =
  | { kind: "status"; status: number; tookMs: number }
  /** Nothing listens. */
  | { kind: "closed" }
  /** Not in time. */
  | { kind: "silent"; waitedMs: number }
  /** The connection broke, or never came about. */
  | { kind: "cut"; reason: string };

export type HttpAddress = Pick<Target, "host" | "port"> & Partial<Pick<Target, "url">>;

export async function askStartup(at: HttpAddress, timeoutMs: number): Promise<StartupState> {
  return startupState(await askHttp(at, "/startupz", timeoutMs));
}

/** The same of `GET /readyz`: "starting" is a gateway that cannot take work, also because it stops. */
export async function askReady(at: HttpAddress, timeoutMs: number): Promise<StartupState> {
  return startupState(await askHttp(at, "/readyz", timeoutMs));
}

export function startupState(answer: HttpAnswer): StartupState {
  if (answer.kind === "closed") return "closed";
  if (answer.kind !== "status") return "unknown";
  return answer.status === 200 ? "started" : answer.status === 503 ? "starting" : "unknown";
}

export async function askHttp(at: HttpAddress, path: string, timeoutMs: number): Promise<HttpAnswer> {
  const startedMs = performance.now();
  const plain = at.url?.startsWith("wss:") ? undefined : await askBy(get, at, path, timeoutMs);
  if (plain && plain.kind !== "cut") return plain;
  // Something that speaks TLS ends a plain question like that. Nothing secret is in it, so any certificate will do.
  const { get: getSecure } = await import("node:https");
  return await askBy(getSecure, at, path, Math.max(1, timeoutMs - (performance.now() - startedMs)));
}

function askBy(
  send: typeof get,
  { host, port }: HttpAddress,
  path: string,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const startedMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
  const how = {
    hostname: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    path,
    agent: false as const,
    rejectUnauthorized: false,
  };
  const request = send(how, (response) => {
    response.resume();
    settle({ kind: "status", status: response.statusCode ?? 0, tookMs: performance.now() - startedMs });
  });
  // Of the whole exchange: one that lets bytes trickle would renew a timeout of the socket for ever.
  const deadline = setTimeout(() => settle({ kind: "silent", waitedMs: Math.round(timeoutMs) }), timeoutMs);
  request.on("error", (error: NodeJS.ErrnoException) => {
    const { code } = error;
    settle(code === "ECONNREFUSED" ? { kind: "closed" } : { kind: "cut", reason: code ?? error.message });
  });

  function settle(answer: HttpAnswer): void {
    clearTimeout(deadline);
    resolve(answer);
    request.destroy();
  }
  return promise;
}
