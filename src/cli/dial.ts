import type { ClientOptions } from "ws";
import type { SocketLike } from "../protocol/client.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Target } from "./target.ts";

const CLOSE_MS = 500;

/** Opens the transport to a gateway each time it is called. */
export type SocketFactory = () => SocketLike;

export async function openSocketFactory(target: Target, timeoutMs: number): Promise<SocketFactory> {
  const { WebSocket } = await import("ws");
  const pin = target.tlsFingerprint === undefined ? undefined : plainFingerprint(target.tlsFingerprint);
  const { ownerSocket } = target;
  const { connect } = process.getBuiltinModule("node:net");
  return () => {
    const options: ClientOptions & { closeTimeout: number } = {
      perMessageDeflate: false,
      handshakeTimeout: timeoutMs,
      maxPayload: LIMITS.maxPayloadBytes,
      // A gateway that does not say goodbye keeps no command from ending.
      closeTimeout: CLOSE_MS,
      ...(ownerSocket !== undefined && { createConnection: () => connect(ownerSocket) }),
      // With a pin the fingerprint decides alone: it is what people use for self-signed certificates.
      rejectUnauthorized: pin === undefined,
    };
    const socket = new WebSocket(ownerSocket === undefined ? target.url : "ws://localhost/", options);
    if (pin !== undefined && ownerSocket === undefined) {
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
