import type { Scope } from "../platform/scope.ts";
import { CLOSE } from "../protocol/limits.ts";
import type { ListenAddress } from "./listen-on.ts";
import { type GatewayServer, openServer } from "./server.ts";
import type { GatewayServices } from "./services.ts";
import type { ListenSettings } from "./settings.ts";
import { within } from "./within.ts";

/** The ports in use. They can be left for others while everything behind them goes on. */
export interface Listener {
  server(): GatewayServer;
  settings(): ListenSettings;
  /**
   * Listens by other settings, then tells the clients and closes their sockets with 1012 as soon as no turn runs, at
   * the latest when patience ends; turns that take longer go on without them. Throws the Fault of an address that
   * cannot be used; then the former ones serve as before and nobody has noticed.
   */
  move(to: ListenSettings, patience: Patience): Promise<void>;
}

/** How long a listener that was left waits. */
export interface Patience {
  /** For running turns. */
  drainMs: number;
  /** For HTTP answers that are being written. */
  lastAnswersMs: number;
}

export const NO_PATIENCE: Patience = { drainMs: 0, lastAnswersMs: 0 };

export interface ListenerInput {
  services: GatewayServices;
  settings: ListenSettings;
  scope: Scope;
  /** Told each time the gateway has come to listen, with the port in use. */
  onListening(port: number): void;
}

const RESTART_EXPECTED_MS = 1_500;
const CLOSE_MS = 500;

/** Throws the Fault of a port that cannot be used. */
export async function openListener({
  services,
  settings,
  scope,
  onListening,
}: ListenerInput): Promise<Listener> {
  const { broadcast, clock, sink, turns } = services;
  let current = { server: await openFor(settings), settings };
  await current.server.listen(mainAddress(settings));
  await listenOnExtra(current.server, settings);
  onListening(current.server.port());
  // For a start that fails after this; an orderly stop has closed it by then.
  scope.own({ [Symbol.dispose]: () => abandon(current.server) });

  async function openFor({ tls }: ListenSettings): Promise<GatewayServer> {
    if (!tls) return openServer(services);
    const { loadTls } = await import("./tls.ts");
    const material = await loadTls(tls, clock);
    sink.log.info("tls certificate", { fingerprint: material.fingerprint });
    return openServer(services, material);
  }

  /** Further ports are a convenience: one that is taken is worth a line, not the gateway. */
  async function listenOnExtra(server: GatewayServer, { extra }: ListenSettings): Promise<void> {
    for (const address of extra) {
      await server
        .listen(address)
        .catch((error: Error) => sink.log.warn(`extra port ${address.port} not used: ${error.message}`));
    }
    const scheme = server.fingerprint === undefined ? "http" : "https";
    sink.log.info(`${scheme} server listening (${server.addresses().join(", ")})`);
  }

  async function retire(old: GatewayServer, patience: Patience, signal: AbortSignal): Promise<void> {
    const { drainMs, lastAnswersMs } = patience;
    await within(turns.lanes.drained(), drainMs, clock, signal);
    const closed = old.close();
    old.upgrader.closeAll(CLOSE.restart, "service restart");
    await within(closed, CLOSE_MS, clock, signal);
    old.upgrader.terminateAll();
    await within(closed, lastAnswersMs, clock, signal);
    old.dropConnections();
  }

  return {
    server: () => current.server,
    settings: () => current.settings,
    async move(to, patience) {
      const former = current;
      const server = await openFor(to);
      // Two sockets cannot have one port, not even on different addresses of it.
      const contested = sharesPort(former.settings, to);
      if (contested) former.server.stopListening();
      try {
        await server.listen(mainAddress(to));
      } catch (error) {
        if (contested) {
          await former.server.listen(mainAddress(former.settings));
          await listenOnExtra(former.server, former.settings);
        }
        throw error;
      }
      current = { server, settings: to };
      former.server.stopListening();
      broadcast.shutdown({ reason: "gateway restarting", restartExpectedMs: RESTART_EXPECTED_MS });
      await listenOnExtra(server, to);
      onListening(server.port());
      sink.log.info(`listening on :${server.port()}`);
      scope.spawn("old listener", (signal) => retire(former.server, patience, signal));
    },
  };
}

function abandon(server: GatewayServer): void {
  server.stopListening();
  server.upgrader.terminateAll();
  server.dropConnections();
}

function mainAddress({ bind, port }: ListenSettings): ListenAddress {
  return { host: bind.host, port };
}

function sharesPort(a: ListenSettings, b: ListenSettings): boolean {
  const ports = ({ port, extra }: ListenSettings) => [port, ...extra.map((address) => address.port)];
  return ports(a).some((port) => ports(b).includes(port));
}

/** Pure: whether a listener by one of them would be the same as by the other. */
export function sameListener(a: ListenSettings, b: ListenSettings): boolean {
  const facts = ({ bind, port, extra, tls }: ListenSettings) => JSON.stringify([bind.host, port, extra, tls]);
  return facts(a) === facts(b);
}
