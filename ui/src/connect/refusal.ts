import { ConnectionError } from "../../../src/protocol/client.ts";
import { GatewayError } from "../../../src/protocol/errors.ts";

export type RefusalKind =
  | "secret-missing"
  | "secret-wrong"
  | "device-token"
  | "scopes"
  | "identity"
  | "pairing"
  | "origin"
  | "insecure"
  | "locked"
  | "version"
  | "vouching"
  | "other";

/** Why there is no connection, and what the page shows of it. */
export interface Refusal {
  kind: RefusalKind;
  /** The exact line people search for: `disconnected (<code>): <reason>`. */
  banner: string;
  /** The gateway's own words. */
  said: string;
  /** What mends it, on the gateway's machine. */
  commands: readonly string[];
  /** A secret typed here can help. */
  asksSecret: boolean;
  /** When the page tries again by itself. */
  retryAfterMs?: number;
  requestId?: string;
}

/** No refusal, but nobody answered or the line broke: worth trying again. */
export interface Away {
  kind: "away";
  banner: string;
  /** A proxy that lets nothing through, or closes what is quiet, looks like this. */
  isTimeout: boolean;
  retryAfterMs?: number;
}

const DEVICE_TOKEN_FIXES = [
  "openclaw doctor --fix && openclaw restart",
  "openclaw devices list",
  "openclaw devices approve <requestId>",
];
const PAIRING_RETRY_MS = 2_000;

/** Browsers may not send 1008, so a page closes with a code of its own; this is how people know it. */
export const CONNECT_FAILED = 4008;
export const STARTING = 4013;
export const TICK_TIMEOUT = 4000;

export function bannerOf(code: number, reason: string): string {
  return `disconnected (${code}): ${reason}`;
}

/** `origin`: of this page. */
export function explain(error: unknown, origin: string): Refusal | Away {
  if (error instanceof GatewayError) return explainRefusal(error, origin);
  if (error instanceof ConnectionError) return explainLoss(error);
  const said = error instanceof Error ? error.message : String(error);
  return { kind: "away", banner: bannerOf(CONNECT_FAILED, `connect failed — ${said}`), isTimeout: false };
}

function explainLoss({ message, close }: ConnectionError): Away {
  if (message === "connect timeout") {
    return { kind: "away", banner: bannerOf(CONNECT_FAILED, "connect failed — timed out"), isTimeout: true };
  }
  // The browser does not say why; 1006 stands for "it was never said goodbye".
  const { code, reason } = close ?? { code: 1006, reason: "" };
  const isStarting = code === 1013;
  return {
    kind: "away",
    banner: bannerOf(isStarting ? STARTING : code, reason || "connection error: the gateway does not answer"),
    isTimeout: code === TICK_TIMEOUT,
  };
}

function explainRefusal({ message, code, extras }: GatewayError, origin: string): Refusal | Away {
  const details = extras.details ?? {};
  const detail = String(details.code ?? "");
  const failed = bannerOf(CONNECT_FAILED, `connect failed — ${message}`);
  const refusal = (kind: RefusalKind, more: Partial<Refusal> = {}): Refusal => ({
    kind,
    banner: failed,
    said: message,
    commands: [],
    asksSecret: false,
    ...more,
  });

  if (code === "UNAVAILABLE" && extras.retryable) {
    const { retryAfterMs } = extras;
    return {
      kind: "away",
      banner: bannerOf(STARTING, message),
      isTimeout: false,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  if (detail.startsWith("DEVICE_AUTH_")) {
    return refusal("identity", {
      banner: bannerOf(CONNECT_FAILED, "device identity rejected"),
      commands: ["openclaw devices list", "openclaw devices remove <deviceId>"],
    });
  }
  switch (detail) {
    case "AUTH_TOKEN_MISSING":
    case "AUTH_PASSWORD_MISSING":
    case "AUTH_REQUIRED":
      return refusal("secret-missing", { commands: ["openclaw dashboard"], asksSecret: true });
    case "AUTH_TOKEN_MISMATCH":
    case "AUTH_PASSWORD_MISMATCH":
      return refusal("secret-wrong", { commands: ["openclaw dashboard"], asksSecret: true });
    case "AUTH_DEVICE_TOKEN_MISMATCH":
      return refusal("device-token", {
        banner: bannerOf(CONNECT_FAILED, "connect failed — device token mismatch"),
        commands: DEVICE_TOKEN_FIXES,
        asksSecret: true,
      });
    case "AUTH_SCOPE_MISMATCH":
      return refusal("scopes", { commands: ["openclaw devices list"], asksSecret: true });
    case "AUTH_RATE_LIMITED":
      return refusal("locked", {
        commands: ["openclaw gateway auth-token --show"],
        retryAfterMs: extras.retryAfterMs ?? 60_000,
      });
    case "PAIRING_REQUIRED": {
      const requestId = String(details.requestId);
      return refusal("pairing", {
        requestId,
        commands: [`openclaw devices approve ${requestId}`],
        retryAfterMs: PAIRING_RETRY_MS,
      });
    }
    case "CONTROL_UI_ORIGIN_NOT_ALLOWED":
      return refusal("origin", {
        commands: [`openclaw config set gateway.controlUi.allowedOrigins '${JSON.stringify([origin])}'`],
      });
    case "CONTROL_UI_DEVICE_IDENTITY_REQUIRED":
    case "DEVICE_IDENTITY_REQUIRED":
      return refusal("insecure", {
        commands: ["openclaw config set gateway.controlUi.allowInsecureAuth true"],
      });
    case "PROTOCOL_MISMATCH":
    case "CONTROL_UI_BUILD_MISMATCH":
      return refusal("version", { commands: ["openclaw --version", "openclaw restart"] });
    default:
      return refusal(detail.startsWith("AUTH_") ? "vouching" : "other", {
        commands: [detail.startsWith("AUTH_") ? "openclaw config get gateway.auth" : "openclaw doctor"],
        asksSecret: true,
      });
  }
}
