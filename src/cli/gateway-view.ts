import type { Finding } from "../doctor/finding.ts";
import type { GatewayView, Reach } from "../doctor/gateway-view.ts";
import { isLocked, readLockOwner } from "../platform/lock.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";
import { openContext } from "./open-context.ts";
import { askStartup } from "./startup-probe.ts";
import type { Trouble } from "./trouble.ts";

/** A check has two seconds, and this is only the beginning of some. */
const ASK_MS = 1_000;

/**
 * How the gateway of this state folder looks from a command. Asked anew each time, because a repair may have changed
 * where it is and what it accepts. Never throws: not knowing is an answer too.
 */
export async function viewGateway({ env, paths, io, name }: CommandContext): Promise<GatewayView> {
  const quiet: Io = { ...io, out() {}, note() {} };
  using context = openContext({ env, paths, io: quiet, verbose: false, name, args: {} });
  const owner = readLockOwner(paths.pidFile);
  const holder = isLocked(paths.lockFile) ? { ...owner } : undefined;
  const place = await context.target().then(
    ({ host, port, local }) => ({ host, port, local }),
    // A config that cannot be read says nothing about where; the pid file and the default do.
    () => ({ host: "127.0.0.1", port: owner?.port ?? DEFAULT_PORT, local: true }),
  );
  const seen = { ...place, holder };
  // Before it takes connections it says at another door whether it is on its way.
  const startup = askStartup(place, ASK_MS);
  const reached = await context
    .reach({ scopes: ["operator.read"], backendFor: "doctor", timeoutMs: ASK_MS })
    .catch((error: Error) => error);
  if (reached instanceof Error) return { ...seen, reach: "silent", reason: reached.message };
  if (reached.kind === "trouble") {
    const { reach, reason } = explain(reached.trouble);
    return { ...seen, reach: (await startup) === "starting" ? "not-ready" : reach, reason };
  }
  const { hello, call } = reached.connection;
  const connected = {
    ...seen,
    reach: "connected",
    version: hello.server.version,
    uptimeMs: hello.snapshot.uptimeMs,
  } as const;
  return await call<{ findings: Finding[] }>("doctor.check", {}, { timeoutMs: ASK_MS }).then(
    ({ findings }) => ({ ...connected, findings }),
    // Another implementation, or another version, has no such method.
    () => connected,
  );
}

function explain({ kind, reason }: Trouble): { reach: Reach; reason: string } {
  switch (kind) {
    case "refused":
      return { reach: "down", reason };
    case "starting":
      return { reach: "not-ready", reason };
    case "no-gateway":
    case "protocol":
      return { reach: "foreign", reason };
    case "credentials":
    case "locked-out":
    case "pairing":
    case "untrusted-proxy":
      return { reach: "refused", reason };
    default:
      return { reach: "silent", reason };
  }
}
