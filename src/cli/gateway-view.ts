import type { GatewayView, Reach } from "../doctor/gateway-view.ts";
import { readLockOwner } from "../platform/lock.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import type { CommandContext } from "./context.ts";
import { type GatewayProbe, probeGateway } from "./gateway-probe.ts";
import { lookAtProcess } from "./gateway-probe-machine.ts";
import type { Io } from "./io.ts";
import { openContext } from "./open-context.ts";

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
  const holder = lookAtProcess(paths).found.kind === "none" ? undefined : { ...owner };
  const probe = await probeGateway(context, {
    calls: ["doctor.check"],
    scopes: ["operator.read"],
    backendFor: "doctor",
    timeoutMs: ASK_MS,
  }).catch((error: Error) => error);
  if (probe instanceof Error) {
    // A config that cannot be read says nothing about where; the pid file and the default do.
    const place = { host: "127.0.0.1", port: owner?.port ?? DEFAULT_PORT, local: true };
    return { holder, ...place, reach: "silent", reason: probe.message };
  }
  return viewOf(probe, holder);
}

function viewOf(probe: GatewayProbe, holder: GatewayView["holder"]): GatewayView {
  const { target, hello, trouble, startup, answers } = probe;
  const { host, port, local } = target;
  const seen = { holder, host, port, local };
  if (!hello) {
    const reach = startup === "starting" ? "not-ready" : reachOf(trouble!);
    return { ...seen, reach, reason: trouble!.reason };
  }
  return {
    ...seen,
    reach: "connected",
    version: hello.server.version,
    uptimeMs: hello.snapshot.uptimeMs,
    // Another implementation, or another version, has no such method.
    ...(answers["doctor.check"] && { findings: answers["doctor.check"].findings }),
  };
}

function reachOf({ kind }: NonNullable<GatewayProbe["trouble"]>): Reach {
  switch (kind) {
    case "refused":
      return "down";
    case "starting":
      return "not-ready";
    case "no-gateway":
    case "protocol":
      return "foreign";
    case "credentials":
    case "device-token":
    case "scope":
    case "locked-out":
    case "pairing":
    case "untrusted-proxy":
      return "refused";
    default:
      return "silent";
  }
}
