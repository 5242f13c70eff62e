import { isRecord } from "../../../src/protocol/frames.ts";
import { socketUrl } from "./address.ts";

/** What this browser keeps between visits, each for one gateway address only. */
const SECRET_KEY = `openclaw.control.token.v1:${socketUrl}`;
const DEVICE_KEY = `openclaw.device.auth.v1:${socketUrl}`;

export interface StoredToken {
  token: string;
  scopes: string[];
}

/** Storage that the browser forbids holds nothing; what would be in it lasts until the page is left. */
function storage(kind: "localStorage" | "sessionStorage"): Storage | undefined {
  try {
    return globalThis[kind];
  } catch {
    return undefined;
  }
}

/** Of this tab. */
export function storedSecret(): string | undefined {
  return storage("sessionStorage")?.getItem(SECRET_KEY) ?? undefined;
}

export function keepSecret(secret: string | undefined): void {
  if (secret === undefined) storage("sessionStorage")?.removeItem(SECRET_KEY);
  else storage("sessionStorage")?.setItem(SECRET_KEY, secret);
}

/** The token the gateway gave to this device; without the device's key it is worth nothing. */
export function storedDeviceToken(deviceId: string): StoredToken | undefined {
  try {
    const kept: unknown = JSON.parse(storage("localStorage")?.getItem(DEVICE_KEY) ?? "null");
    if (!isRecord(kept) || kept.deviceId !== deviceId || !isRecord(kept.tokens)) return undefined;
    const { operator } = kept.tokens;
    if (!isRecord(operator) || typeof operator.token !== "string" || !Array.isArray(operator.scopes))
      return undefined;
    return { token: operator.token, scopes: operator.scopes.map(String) };
  } catch {
    return undefined;
  }
}

export function keepDeviceToken(deviceId: string, stored: StoredToken | undefined): void {
  if (stored === undefined) {
    storage("localStorage")?.removeItem(DEVICE_KEY);
    return;
  }
  const operator = { ...stored, role: "operator", updatedAtMs: Date.now() };
  storage("localStorage")?.setItem(
    DEVICE_KEY,
    JSON.stringify({ version: 1, deviceId, tokens: { operator } }),
  );
}

export function preference(name: string): string | undefined {
  return storage("localStorage")?.getItem(`openclaw.ui.${name}`) ?? undefined;
}

export function keepPreference(name: string, value: string): void {
  storage("localStorage")?.setItem(`openclaw.ui.${name}`, value);
}
