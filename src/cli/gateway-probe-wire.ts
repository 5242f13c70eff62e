import { GatewayError } from "../protocol/errors.ts";
import type { HelloOk } from "../protocol/hello.ts";
import { hasScope } from "../protocol/scopes.ts";
import { capabilityOf, capabilityText } from "./capability.ts";
import { no, type Sighting, type Sightings, unknown, yes } from "./gateway-probe-facet.ts";
import type { HttpAnswer } from "./startup-probe.ts";
import type { Target } from "./target.ts";
import type { Trouble } from "./trouble.ts";

/** Pure: what the answers on the wire prove. */

export function httpSighting(answer: HttpAnswer, { host, port }: Pick<Target, "host" | "port">): Sighting {
  switch (answer.kind) {
    case "closed":
      return no(`connect ECONNREFUSED ${host}:${port}`);
    case "silent":
      return no(`no answer to GET /startupz within ${answer.waitedMs} ms`);
    case "cut":
      return no(`GET /startupz failed: ${answer.reason}`);
    case "status": {
      const text = `GET /startupz: ${answer.status} in ${atLeastOne(answer.tookMs)} ms`;
      if (answer.status === 200) return yes(text);
      return answer.status === 503 ? yes(`${text}, it is starting or stopping`) : unknown(text);
    }
  }
}

type OfTheWire = Pick<Sightings, "websocket" | "auth" | "scopes">;

const SHOWN_SCOPES = 3;

function scopeText(granted: readonly string[]): string {
  if (granted.length === 0) return "no scopes at all";
  const more = granted.length - SHOWN_SCOPES;
  return granted.slice(0, SHOWN_SCOPES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** A connection that came about. */
export function helloSightings(hello: HelloOk, { credentials }: Target, tookMs: number): OfTheWire {
  // Other gateways may say less.
  const { method, scopes } = hello.auth ?? { scopes: [] };
  const granted = [...(scopes ?? [])];
  const how = [credentials.source, method && `method ${method}`].filter(Boolean).join(", ");
  const capability = `${capabilityText(capabilityOf(granted))}: ${scopeText(granted)}`;
  return {
    websocket: yes(`hello in ${atLeastOne(tookMs)} ms, protocol ${hello.protocol}`),
    auth: yes(`accepted${how === "" ? "" : ` by ${how}`}`),
    scopes: hasScope(new Set(granted), "operator.read") ? yes(capability) : no(capability),
  };
}

export function troubleSightings(trouble: Trouble, { credentials }: Target): OfTheWire {
  const { kind, reason, cause } = trouble;
  const websocket = cause instanceof GatewayError ? yes(`it refuses: ${reason}`) : no(reason);
  const shown = credentials.source ? ` (shown: ${credentials.source})` : " (no credentials are known here)";
  const notAsked = "the gateway has not come so far";
  switch (kind) {
    case "credentials":
    case "device-token":
    case "locked-out":
      return { websocket, auth: no(`${reason}${shown}`), scopes: unknown("not signed in") };
    case "scope":
      return { websocket, auth: yes(`the device is known${shown}`), scopes: no(reason) };
    case "pairing":
      return {
        websocket,
        auth: no(`pairing-pending: the owner has to approve this device${shown}`),
        scopes: unknown("not signed in"),
      };
    default:
      return { websocket, auth: unknown(notAsked), scopes: unknown(notAsked) };
  }
}

/** A call that failed, in the words of the gateway. */
export interface FailedCall {
  method: string;
  reason: string;
  /** The right it would have taken. */
  missingScope?: string;
}

export function failedCall(method: string, error: Error): FailedCall {
  const missing = error instanceof GatewayError ? error.extras.details?.missingScope : undefined;
  return {
    method,
    reason: error.message,
    ...(typeof missing === "string" && { missingScope: missing }),
  };
}

export function rpcSighting(
  asked: readonly string[],
  failed: readonly FailedCall[],
  tookMs: number,
): Sighting {
  if (asked.length === 0) return unknown("no call was made");
  const [first] = failed;
  if (!first) return yes(`${asked.join(", ")} answered in ${atLeastOne(tookMs)} ms`);
  return no(failed.map(({ method, reason }) => `${method}: ${reason}`).join("; "));
}

function atLeastOne(ms: number): number {
  return Math.max(1, Math.round(ms));
}
