import { type Bind, furtherAddresses, mainPort, resolveBind } from "../../access/bind.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { shownCommand } from "../../platform/gateway-command.ts";
import { mayBeLocked, readLockOwner } from "../../platform/lock.ts";
import { findPortHolder, listeningOn, type PortHolder } from "../../platform/ports.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

const MAX_PORTS_TRIED = 20;

export default defineCheck({
  id: "port",
  summary: "the ports of the gateway are its own",
  where: "outside",
  async inspect({ config, paths, env }) {
    const checked = await config();
    if (!checked.ok || checked.loaded.config.gateway?.mode === "remote") return [];
    const { loaded } = checked;
    const bind = bindOf(loaded, env.inContainer);
    const main = mainPort(loaded.config, paths);
    const further = furtherAddresses(bind, { env, loaded, port: main, portGiven: false });
    const isRunning = mayBeLocked(paths.lockFile);
    const ownPid = isRunning ? readLockOwner(paths.pidFile)?.pid : undefined;
    // A gateway that runs and is not named leaves it open whose the ports are.
    if (isRunning && ownPid === undefined) return [];
    return [
      ...(isRunning ? [] : judge("port-taken", { host: bind.host, port: main }, undefined)),
      ...further.flatMap((address) => judge("extra-port-taken", address, ownPid)),
    ];
  },
});

/** An address that cannot be found out is taken for every address. */
function bindOf({ config }: LoadedConfig, inContainer: boolean): Pick<Bind, "host"> {
  try {
    return resolveBind(undefined, config, { inContainer, hasSecret: true });
  } catch {
    return { host: undefined };
  }
}

function judge(
  id: "port-taken" | "extra-port-taken",
  { host, port }: { host: string | undefined; port: number },
  ownPid: number | undefined,
): Observation[] {
  const address = listeningOn(port).find((each) => overlap(each, host));
  if (address === undefined) return [];
  const holder = findPortHolder(port);
  if (holder && holder.pid === ownPid) return [];
  const isMain = id === "port-taken";
  return [
    {
      id,
      severity: isMain ? "error" : "warning",
      evidence: evidenceOf(port, address, holder),
      fix: isMain ? `openclaw config set gateway.port ${freePortAfter(port)}` : stopCommand(port, holder),
    },
  ];
}

function evidenceOf(port: number, address: string, holder: PortHolder | undefined): string[] {
  if (!holder) return [`port ${port} is held at ${address} by a program of another user`];
  const command = shownCommand(holder.command.split(" "));
  const line = `port ${port} is held by pid ${holder.pid}: ${command} (${holder.address})`;
  return /openclaw/i.test(holder.command) ? [line, "another gateway instance is already listening"] : [line];
}

function stopCommand(port: number, holder: PortHolder | undefined): string {
  return holder ? `kill ${holder.pid}` : `sudo lsof -i :${port}`;
}

function overlap(taken: string, wanted: string | undefined): boolean {
  const host = taken.slice(0, taken.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  return wanted === undefined || wanted === host || ["0.0.0.0", "::", "*"].includes(host);
}

function freePortAfter(port: number): number {
  for (let next = port + 1; next <= Math.min(port + MAX_PORTS_TRIED, 65_535); next++)
    if (listeningOn(next).length === 0) return next;
  return 18_789;
}
