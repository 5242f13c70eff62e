import type { Server } from "node:net";
import { Fault } from "../platform/fault.ts";

export interface ListenAddress {
  /** Undefined: every address of this machine, IPv4 and IPv6. */
  host: string | undefined;
  port: number;
}

/** Rejects with a Fault that names who holds the port. */
export function listenOn(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once(
      "error",
      (error: NodeJS.ErrnoException) => void explain(error, host, port).then(reject, reject),
    );
    server.listen({ ...(host !== undefined && { host }), port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

/** Names the holder: knowing that a port is taken without knowing by whom helps nobody. */
async function explain(error: NodeJS.ErrnoException, host: string | undefined, port: number): Promise<Error> {
  switch (error.code) {
    case "EADDRINUSE": {
      const { findPortHolder } = await import("../platform/ports.ts");
      const holder = findPortHolder(port);
      const gateway = holder?.command.includes("openclaw") ?? false;
      return new Fault(`gateway failed to start: port ${port} is already in use (${error.message})`, {
        why: holder
          ? `pid ${holder.pid} holds it: ${holder.command} (${holder.address})${gateway ? " — another gateway instance is already listening" : ""}`
          : "another program holds it, which this user may not inspect",
        fix: gateway
          ? `openclaw status, or choose another port: openclaw config set gateway.port ${port + 1}`
          : `stop that program, or choose another port: openclaw config set gateway.port ${port + 1}`,
        cause: error,
      });
    }
    case "EACCES":
      return new Fault(`gateway failed to start: this user may not listen on port ${port}`, {
        why: "ports below 1024 are reserved",
        fix: "openclaw config set gateway.port 18789",
        exitCode: 78,
        cause: error,
      });
    case "EADDRNOTAVAIL":
      return new Fault(`gateway failed to start: this machine has no address ${host}`, {
        fix: "openclaw config set gateway.bind loopback",
        exitCode: 78,
        cause: error,
      });
    default:
      return error;
  }
}
