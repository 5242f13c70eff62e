import {
  type CloseInfo,
  connectGateway,
  type GatewayConnection,
  type SocketLike,
} from "../protocol/client.ts";
import type { EventFrame } from "../protocol/frames.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Scope } from "../protocol/scopes.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
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
  caps?: readonly string[];
  onEvent?(event: EventFrame): void;
  onClose?(close: CloseInfo): void;
}

export type Reached =
  | { kind: "connected"; connection: GatewayConnection }
  | { kind: "trouble"; trouble: Trouble };

/** Connects once. A gateway that is down, busy or unwilling is an answer, not an exception. */
export async function reach(target: Target, options: ReachOptions): Promise<Reached> {
  const { backendFor, caps, timeoutMs, scopes, onEvent, onClose } = options;
  const { token, password } = target.credentials;
  const openSocket = await socketFactory(target, timeoutMs);
  try {
    const connection = await connectGateway({
      open: openSocket,
      client: {
        ...(backendFor
          ? { id: "gateway-client", mode: "backend", displayName: `gateway:${backendFor}` }
          : { id: "cli", mode: "cli" }),
        version: PRODUCT_VERSION,
        platform: process.platform,
      },
      scopes,
      auth: { ...(token !== undefined && { token }), ...(password !== undefined && { password }) },
      timeoutMs,
      ...(caps && { caps }),
      ...(onEvent && { onEvent }),
      ...(onClose && { onClose }),
    });
    return { kind: "connected", connection };
  } catch (error) {
    const trouble = diagnose(error);
    if (!trouble) throw error;
    return { kind: "trouble", trouble };
  }
}

async function socketFactory(target: Target, timeoutMs: number): Promise<() => SocketLike> {
  const { WebSocket } = await import("ws");
  const pin = target.tlsFingerprint === undefined ? undefined : plainFingerprint(target.tlsFingerprint);
  return () => {
    const socket = new WebSocket(target.url, {
      perMessageDeflate: false,
      handshakeTimeout: timeoutMs,
      maxPayload: LIMITS.maxPayloadBytes,
      // With a pin the fingerprint decides alone: it is what people use for self-signed certificates.
      rejectUnauthorized: pin === undefined,
    });
    if (pin !== undefined) {
      socket.on("upgrade", ({ socket: raw }) => {
        const shown =
          "getPeerCertificate" in raw ? (raw as PeerSocket).getPeerCertificate().fingerprint256 : "";
        if (pin === "" || plainFingerprint(shown ?? "") !== pin)
          socket.emit("error", new Error(WRONG_CERTIFICATE));
      });
    }
    return socket as unknown as SocketLike;
  };
}

const WRONG_CERTIFICATE = "the certificate is not the one of gateway.remote.tlsFingerprint";

interface PeerSocket {
  getPeerCertificate(): { fingerprint256?: string };
}

/** Accepts `sha256:AA:BB…`, `AA:BB…` and `aabb…`. */
function plainFingerprint(text: string): string {
  return text
    .toLowerCase()
    .replace(/^sha-?256[:/]?/, "")
    .replace(/[^0-9a-f]/g, "");
}
