import { chmodSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { CLOSE } from "../protocol/limits.ts";
import type { GatewayServices } from "./services.ts";
import { openUpgrader } from "./upgrade.ts";

/** The kernel takes no longer name for a socket; the shorter limit is that of macOS. */
const MAX_PATH_BYTES = 103;

/**
 * The owner's own door: a socket in the state folder that only its owner can open, so that no token, lockout or pairing
 * stands between the owner and the gateway on this machine. Whoever can open it could read the token as well. A machine
 * that cannot have one goes without. Call with the state lock held: what lies there is of a gateway that is gone.
 */
export async function openOwnerSocket(services: GatewayServices): Promise<AsyncDisposable | undefined> {
  const path = services.paths.ownerSocket;
  if (process.platform === "win32" || Buffer.byteLength(path) > MAX_PATH_BYTES) return undefined;
  const upgrader = openUpgrader(services);
  const server = createServer((_request, response) => {
    response.writeHead(426, { upgrade: "websocket", connection: "upgrade" }).end();
  });
  server.on("upgrade", (request, stream, head) => {
    upgrader.handle(request, stream, head, true).catch((error) => {
      services.sink.log.error("upgrade failed", { error });
      stream.destroy();
    });
  });
  try {
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  } catch (error) {
    services.sink.log.warn("no socket for the owner's commands; they use the port and the token", { error });
    server.close();
    return undefined;
  }
  return {
    async [Symbol.asyncDispose]() {
      upgrader.closeAll(CLOSE.restart, "service restart");
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      upgrader.terminateAll();
      server.closeAllConnections();
      await closed;
    },
  };
}
