import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "../platform/env.ts";
import { printable } from "../platform/printable.ts";
import { askHttp } from "./startup-probe.ts";

/** `user@host`, `host`, `user@host:port`, `[::1]:22`. */
export interface SshTarget {
  destination: string;
  port?: number;
}

const TARGET = /^((?:[A-Za-z0-9_][\w.+-]*@)?(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+\]))(?::(\d{1,5}))?$/;

/** Undefined for anything else, above all for what ssh would take for an option. Pure. */
export function parseSshTarget(text: string): SshTarget | undefined {
  const [, destination, portText] = TARGET.exec(text) ?? [];
  const port = portText === undefined ? undefined : Number(portText);
  if (destination === undefined || port === 0 || (port ?? 1) > 65_535) return undefined;
  return { destination: destination.replace(/[[\]]/g, ""), ...(port !== undefined && { port }) };
}

export interface TunnelInput {
  to: SshTarget;
  /** A private key; else what ssh itself would use. */
  identity?: string;
  /** Of the gateway on the other machine. */
  remotePort: number;
  env: Env;
  timeoutMs: number;
  signal: AbortSignal;
}

export type Tunnel =
  | ({ kind: "open"; port: number } & Disposable)
  /** In the words of ssh. */
  | { kind: "failed"; reason: string };

const POLL_MS = 50;
const MAX_STDERR_CHARS = 4_000;

/**
 * A port of this machine that leads to the gateway of another one, by the system's own `ssh`. It never asks anything:
 * what needs a password or an unknown host key fails. Ends with its disposal or the signal.
 */
export async function openSshTunnel(input: TunnelInput): Promise<Tunnel> {
  const { env, timeoutMs, signal } = input;
  signal.throwIfAborted();
  const port = await freePort();
  const { spawn } = process.getBuiltinModule("node:child_process");
  const agent = env.get("SSH_AUTH_SOCK");
  const child = spawn("ssh", sshArguments(input, port), {
    env: { ...env.childEnv(), ...(agent !== undefined && { SSH_AUTH_SOCK: agent }) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-MAX_STDERR_CHARS);
  });
  let ended: string | undefined;
  child.once("error", (error: NodeJS.ErrnoException) => {
    ended = error.code === "ENOENT" ? "there is no ssh on PATH" : error.message;
  });
  child.once("exit", (code, by) => {
    ended ??= `ssh exited (${code ?? by})${lastLine(said)}`;
  });
  const close = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", close, { once: true });

  const endsAt = performance.now() + timeoutMs;
  while (ended === undefined && performance.now() < endsAt && !signal.aborted) {
    if (await leadsSomewhere(port, child)) {
      return {
        kind: "open",
        port,
        [Symbol.dispose]() {
          signal.removeEventListener("abort", close);
          close();
        },
      };
    }
    await sleep(POLL_MS);
  }
  signal.removeEventListener("abort", close);
  close();
  return { kind: "failed", reason: ended ?? `ssh was not ready within ${timeoutMs} ms${lastLine(said)}` };
}

function sshArguments({ to, identity, remotePort, timeoutMs }: TunnelInput, port: number): string[] {
  const options = [
    "BatchMode=yes",
    "ExitOnForwardFailure=yes",
    `ConnectTimeout=${Math.max(1, Math.ceil(timeoutMs / 1_000))}`,
    // A connection of its own, that ends with this command.
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
  ];
  return [
    "-N",
    "-T",
    ...options.flatMap((option) => ["-o", option]),
    ...["-L", `127.0.0.1:${port}:127.0.0.1:${remotePort}`],
    ...(to.port === undefined ? [] : ["-p", String(to.port)]),
    ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
    "--",
    to.destination,
  ];
}

/** Whoever takes the port before ssh does would be shown a token. */
async function leadsSomewhere(port: number, { pid }: ChildProcess): Promise<boolean> {
  const { findPortHolder } = await import("../platform/ports.ts");
  const holder = findPortHolder(port);
  if (process.platform === "linux" || holder) return holder !== undefined && holder.pid === pid;
  return (await askHttp({ host: "127.0.0.1", port }, "/healthz", POLL_MS)).kind !== "closed";
}

function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${printable(line.trim())}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
