import { type Listener, parseLsof, parseNetstat, parseProcNet } from "./listeners.ts";
import { printable } from "./printable.ts";

export { isAlive } from "./alive.ts";

export interface PortHolder {
  pid: number;
  /** Its command line, cut to 200 characters. */
  command: string;
  /** `127.0.0.1:18789`, `[::]:18789`, `*:18789` */
  address: string;
}

const ASK_MS = 2_000;
const MAX_COMMAND_CHARS = 200;

/** Who listens on a TCP port of this machine; undefined when nobody does or when we may not know. */
export function findPortHolder(port: number): PortHolder | undefined {
  const found = platformHolder(port);
  if (!found) return undefined;
  return { ...found, command: printable(found.command.trim()).slice(0, MAX_COMMAND_CHARS) };
}

/**
 * Where somebody listens on a TCP port, also somebody of another user. On Linux that is all there is; elsewhere it is
 * what `findPortHolder` can see.
 */
export function listeningOn(port: number): string[] {
  if (process.platform !== "linux") return [findPortHolder(port)?.address ?? []].flat();
  return linuxListeners(port).map(({ address }) => address);
}

function platformHolder(port: number): PortHolder | undefined {
  switch (process.platform) {
    case "linux":
      return linuxHolder(port);
    case "darwin":
      return parseLsof(output("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpcn"]));
    case "win32":
      return windowsHolder(port);
    default:
      return undefined;
  }
}

function linuxHolder(port: number): PortHolder | undefined {
  const { readdirSync } = process.getBuiltinModule("node:fs");
  const bySocket = new Map(linuxListeners(port).map((listener) => [`socket:[${listener.inode}]`, listener]));
  if (bySocket.size === 0) return undefined;
  for (const name of readdirSync("/proc")) {
    const listener = /^\d+$/.test(name) ? heldBy(name, bySocket) : undefined;
    if (listener) return { pid: Number(name), command: commandOf(name), address: listener.address };
  }
  return undefined;
}

function linuxListeners(port: number): Listener[] {
  return ["tcp", "tcp6"].flatMap((table) => parseProcNet(textOf(`/proc/net/${table}`), port));
}

/** Processes of other users, and those that end while we look, show no descriptors. */
function heldBy(pid: string, bySocket: ReadonlyMap<string, Listener>): Listener | undefined {
  const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs");
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const listener = bySocket.get(readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (listener) return listener;
    }
  } catch {}
  return undefined;
}

function commandOf(pid: string): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() || textOf(`/proc/${pid}/comm`).trim();
}

function windowsHolder(port: number): PortHolder | undefined {
  const found = parseNetstat(output("netstat", ["-ano", "-p", "TCP"]), port);
  if (!found) return undefined;
  const row = output("tasklist", ["/FI", `PID eq ${found.pid}`, "/FO", "CSV", "/NH"]);
  return { ...found, command: /^"([^"]+)"/m.exec(row)?.[1] ?? "unknown" };
}

function textOf(path: string): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Nothing when the tool is missing, fails or takes too long: the answer is then "cannot be told". */
function output(command: string, args: readonly string[]): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: ASK_MS,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return stdout ?? "";
}
