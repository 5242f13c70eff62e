import { readGatewayCommand } from "../platform/gateway-command.ts";
import { isPaused } from "../platform/kernel.ts";
import { mayBeLocked } from "../platform/lock.ts";
import type { Paths } from "../platform/paths.ts";
import { type FoundGateway, findRunningGateway } from "../platform/running-gateway.ts";
import { no, type Sighting, unknown, yes } from "./gateway-probe-facet.ts";
import type { Target } from "./target.ts";

/** The process of a state folder, as this machine shows it without asking it. */
export interface LocalProcess {
  found: FoundGateway;
  pid?: number;
  /** It is there and is kept from running. */
  paused: boolean;
  sighting: Sighting;
}

export function lookAtProcess(paths: Paths): LocalProcess {
  const found = findRunningGateway(paths);
  if (found.kind === "none") {
    const sighting = mayBeLocked(paths.lockFile)
      ? unknown(`${paths.lockFile} may not be read, so who holds it cannot be told`)
      : no(`nobody holds the state folder ${paths.stateDir}`);
    return { found, paused: false, sighting };
  }
  const { pid } = found;
  const paused = pid !== undefined && isPaused(pid);
  const who = pid === undefined ? "a process" : `pid ${pid}`;
  const doubt = found.kind === "unverified" ? ` (${found.why})` : "";
  const stopped = paused ? " and is stopped by a signal (SIGSTOP)" : "";
  return {
    found,
    paused,
    ...(pid !== undefined && { pid }),
    sighting: yes(`${who} holds the state folder${stopped}${doubt}`),
  };
}

/** Who has the port. `pid` is that of the program which listens, as far as this user may know. */
export interface PortOwner {
  sighting: Sighting;
  holder?: { pid: number; command: string };
}

export interface PortQuestion {
  target: Target;
  process: LocalProcess;
  /** As the gateway says that answers there. */
  answeredBy?: number;
  refused: boolean;
}

/** Looks through all processes only where the gateway has not said itself who it is. */
export async function lookAtPort({ target, process, answeredBy, refused }: PortQuestion): Promise<PortOwner> {
  const { host, port, local } = target;
  const where = `${host}:${port}`;
  if (!local)
    return { sighting: unknown("another machine, or another gateway than that of this state folder") };
  if (answeredBy !== undefined && answeredBy === process.pid)
    return { sighting: yes(`pid ${answeredBy}, the gateway of this state folder, answers on ${where}`) };
  if (refused) return { sighting: no(`nothing listens on ${where}`) };
  const { findPortHolder, listeningOn } = await import("../platform/ports.ts");
  const found = findPortHolder(port);
  if (!found) {
    const others = listeningOn(port).length > 0;
    const text = others ? "is held by a process of another user" : "is held by nobody that can be seen";
    return { sighting: unknown(`${where} ${text}`) };
  }
  const { pid, command, address } = found;
  const holder = { pid, command };
  if (pid === process.pid)
    return { holder, sighting: yes(`pid ${pid}, the gateway of this state folder, holds ${address}`) };
  const kind = readGatewayCommand(command.split(" ")) ? "another gateway" : "another program";
  return { holder, sighting: no(`${kind} holds ${address}: pid ${pid}, ${command.slice(0, 80)}`) };
}
