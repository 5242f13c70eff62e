import { Fault } from "../platform/fault.ts";
import { acquireLock } from "../platform/lock.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";

/** The state lock, so that no gateway starts meanwhile. Throws `Fault` where one has. `command` is what was typed. */
export function holdState(paths: Paths, command: string): Disposable {
  ensureStateDirs(paths);
  const result = acquireLock(paths.lockFile, paths.pidFile, {
    pid: process.pid,
    startedAtMs: Date.now(),
    version: PRODUCT_VERSION,
    command: `openclaw ${command}`,
  });
  if (result.kind === "held") {
    throw new Fault("a gateway has just started on this state folder", {
      why: "the same command again asks the gateway",
      fix: `openclaw ${command}`,
    });
  }
  return result.lock;
}
