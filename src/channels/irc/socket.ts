import { readFile } from "node:fs/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import { networkError } from "../../platform/outbound-error.ts";
import { ChannelFault } from "../channel.ts";
import type { IrcSettings, TlsSettings } from "./accounts.ts";
import { certificateFault } from "./tls-check.ts";

export interface SocketInput {
  settings: IrcSettings;
  clock: Clock;
  signal: AbortSignal;
}

/** Until the connection stands, encryption included. */
const CONNECT_MS = 10_000;

/** A fresh socket that may be written to: connected, and with TLS to a server that has proven itself. */
export async function openSocket({ settings, clock, signal }: SocketInput): Promise<Socket> {
  const { host, port, tls, path } = settings;
  const open = tls ? await tlsOpener(tls, host, port, path) : () => connectTcp({ host, port });
  signal.throwIfAborted();
  const socket = open();
  socket.setNoDelay(true).setKeepAlive(true, 60_000);
  // For good: an error of a socket nobody listens to any more would end the process.
  socket.on("error", () => {});
  const name = `${host}:${port}`;
  const opened = Promise.withResolvers<void>();
  const onError = (error: Error) => opened.reject(refusedConnection(error, name));
  const onClose = () => opened.reject(new ChannelFault("network", `${name} closed the connection`));
  const onAbort = () => opened.reject(signal.reason);
  const late = clock.after(CONNECT_MS, () =>
    opened.reject(
      new ChannelFault("timeout", `${name} accepted no connection within ${CONNECT_MS / 1000} s`),
    ),
  );
  socket.once("error", onError).once("close", onClose);
  socket.once(tls ? "secureConnect" : "connect", () => {
    const fault = tls && certificateFault(socket as TLSSocket, tls.fingerprint, path);
    if (fault) opened.reject(fault);
    else opened.resolve();
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    late[Symbol.dispose]();
    socket.off("error", onError).off("close", onClose);
    signal.removeEventListener("abort", onAbort);
  }
}

function refusedConnection(error: Error, name: string): ChannelFault {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code.startsWith("ERR_SSL") || code === "EPROTO")
    return new ChannelFault("protocol", `${name} does not speak TLS on this port (${code})`, {
      cause: error,
    });
  return new ChannelFault("network", networkError(error, name).message, { cause: error });
}

async function tlsOpener(
  tls: TlsSettings,
  host: string,
  port: number,
  path: string,
): Promise<() => TLSSocket> {
  const { connect } = await import("node:tls");
  const [ca, cert, key] = await Promise.all([
    readPem(tls.ca, `${path}.tls.ca`),
    readPem(tls.cert, `${path}.tls.cert`),
    readPem(tls.key, `${path}.tls.key`),
  ]);
  return () =>
    connect({
      host,
      port,
      // Whoever has pinned a certificate needs none of the public authorities, which take megabytes.
      ca: ca ?? (tls.fingerprint === undefined ? undefined : []),
      cert,
      key,
      servername: isIP(host) ? "" : host,
      minVersion: "TLSv1.2",
      // Looked at by `certificateFault` before the first byte is written, so that a refusal can say which one it saw.
      rejectUnauthorized: false,
    });
}

async function readPem(file: string | undefined, key: string): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ChannelFault("config", `${key}: ${file} cannot be read (${code})`, {
      fix: `openclaw config set ${key} <file>`,
      cause,
    });
  }
}
