import { connectGateway, type GatewayConnection } from "../../protocol/client.ts";
import type { EventFrame } from "../../protocol/frames.ts";
import type { Scope } from "../../protocol/scopes.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import type { OwnDevice } from "../own-device.ts";
import type { PrivateGateway } from "./private-gateway.ts";

export interface ClientInput {
  scopes: readonly Scope[];
  auth: { token?: string; deviceToken?: string };
  timeoutMs: number;
  /** Signs, and comes from elsewhere, so that the gateway has it paired first. */
  device?: OwnDevice;
  onEvent?(event: EventFrame): void;
}

/** An address for documentation (RFC 5737): nobody has it. */
const ELSEWHERE = { "x-forwarded-for": "203.0.113.9" };

/** Connects to the private gateway and nowhere else. Rejects with `GatewayError` or `ConnectionError`. */
export async function connectTo(
  { port }: Pick<PrivateGateway, "port">,
  { scopes, auth, timeoutMs, device, onEvent }: ClientInput,
): Promise<GatewayConnection> {
  const { WebSocket } = await import("ws");
  return connectGateway({
    open: () =>
      new WebSocket(`ws://127.0.0.1:${port}`, {
        perMessageDeflate: false,
        handshakeTimeout: timeoutMs,
        ...(device && { headers: ELSEWHERE }),
      }) as never,
    client: { id: "cli", mode: "cli", version: PRODUCT_VERSION, platform: process.platform },
    ...{ scopes, auth, timeoutMs },
    ...(device && { prove: device.prove }),
    ...(onEvent && { onEvent }),
  });
}
