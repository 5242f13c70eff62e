import { existsSync } from "node:fs";
import { isLoopback } from "../platform/network.ts";
import type { Paths } from "../platform/paths.ts";
import { type CloseInfo, connectGateway, type GatewayConnection } from "../protocol/client.ts";
import { GatewayError } from "../protocol/errors.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { Scope } from "../protocol/scopes.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { openSocketFactory, type SocketFactory } from "./dial.ts";
import type { OwnDevice, OwnToken } from "./own-device.ts";
import type { Target } from "./target.ts";
import { diagnose, type Trouble } from "./trouble.ts";

export interface ReachOptions {
  /** As few as the calls need. */
  scopes: readonly Scope[];
  /** For the whole handshake. */
  timeoutMs: number;
  /**
   * Set by read-only checks, which introduce themselves as a backend client (protocol.md §2.4) and so leave no
   * trace in the list of connected people. The method names the connection.
   */
  backendFor?: string;
  /** Who it introduces itself as, if not as `cli`. */
  client?: { id: string; mode: string };
  caps?: readonly string[];
  /** As this machine's own device too, also where nothing asks for it. */
  withDevice?: true;
  /**
   * Elsewhere a paired device asks for the rights it has, whatever `scopes` says: more would have to be approved, and
   * who only looks asks the owner for nothing.
   */
  asPaired?: true;
  onEvent?(event: EventFrame): void;
  onClose?(close: CloseInfo): void;
}

export type Reached =
  | { kind: "connected"; connection: GatewayConnection }
  | { kind: "trouble"; trouble: Trouble };

/** Connects once. A gateway that is down, busy or unwilling is an answer, not an exception. */
export async function reach(target: Target, options: ReachOptions, paths: Paths): Promise<Reached> {
  const dial = await openSocketFactory(target, options.timeoutMs);
  const own = await ownDevice(target, options, paths);
  const { token, password } = target.credentials;
  const hasSecret = token !== undefined || password !== undefined;
  const secret = { ...(token !== undefined && { token }), ...(password !== undefined && { password }) };
  const { stored } = own ?? {};
  try {
    const given = options.asPaired && stored && !isLoopback(target.host) ? { stored } : {};
    const first =
      hasSecret || !stored ? { auth: secret, ...given } : { auth: { deviceToken: stored.token }, stored };
    return { kind: "connected", connection: await connect(first, { dial, own, options }) };
  } catch (error) {
    if (stored && hasSecret && mayRetry(error, target)) {
      try {
        const retry = { auth: { ...secret, deviceToken: stored.token }, stored };
        return { kind: "connected", connection: await connect(retry, { dial, own, options }) };
      } catch {
        // The first refusal is the one to be explained: its secret is what the owner has set.
      }
    }
    const trouble = diagnose(error);
    if (!trouble) throw error;
    return { kind: "trouble", trouble };
  }
}

interface Own {
  device: OwnDevice;
  origin: string;
  /** Never of an address that was typed: stored credentials belong to the gateways of the config. */
  stored: OwnToken | undefined;
  keeps: boolean;
}

/** Presented where it may be needed: elsewhere, without a secret, or where a token of it exists (protocol.md §2.4). */
async function ownDevice(
  target: Target,
  { withDevice }: ReachOptions,
  paths: Paths,
): Promise<Own | undefined> {
  const { credentials, explicit, host } = target;
  const needed =
    withDevice ||
    !isLoopback(host) ||
    (credentials.token === undefined && credentials.password === undefined);
  if (target.ownerSocket !== undefined && !withDevice) return undefined;
  if (!needed && !existsSync(paths.ownDeviceFile)) return undefined;
  const { findOwnDevice, openOwnDevice, originOf } = await import("./own-device.ts");
  const device = needed ? openOwnDevice(paths) : findOwnDevice(paths);
  if (!device) return undefined;
  const origin = originOf(target.url);
  const stored = explicit ? undefined : device.tokenFor(origin);
  return needed || stored ? { device, origin, stored, keeps: !explicit } : undefined;
}

/** Once, and only where the token cannot fall into other hands: this machine, or a pinned certificate (H18). */
function mayRetry(error: unknown, target: Target): boolean {
  if (!(error instanceof GatewayError) || error.extras.details?.canRetryWithDeviceToken !== true)
    return false;
  return isLoopback(target.host) || (target.url.startsWith("wss:") && target.tlsFingerprint !== undefined);
}

async function connect(
  { auth, stored }: { auth: Parameters<typeof connectGateway>[0]["auth"]; stored?: OwnToken },
  { dial, own, options }: { dial: SocketFactory; own: Own | undefined; options: ReachOptions },
): Promise<GatewayConnection> {
  const { backendFor, client = { id: "cli", mode: "cli" }, caps, timeoutMs, onEvent, onClose } = options;
  const connection = await connectGateway({
    open: dial,
    client: {
      ...(backendFor
        ? { id: "gateway-client", mode: "backend", displayName: `gateway:${backendFor}` }
        : client),
      version: PRODUCT_VERSION,
      platform: process.platform,
    },
    // A token is shown with the rights it was given for.
    scopes: stored ? stored.scopes : options.scopes,
    auth,
    ...(own && { prove: own.device.prove }),
    timeoutMs,
    ...(caps && { caps }),
    ...(onEvent && { onEvent }),
    ...(onClose && { onClose }),
  });
  // Other gateways may say less.
  const { deviceToken, scopes = [] } = connection.hello.auth ?? {};
  if (own?.keeps && deviceToken !== undefined)
    own.device.keepToken(own.origin, { token: deviceToken, scopes: [...scopes], updatedAtMs: Date.now() });
  return connection;
}
