import type { PairingRequest } from "./records.ts";

/** A waiting device as clients read it; `ts` is its last attempt. What it did not say is left out. */
export function requestEntry({ askedAtMs, platform, deviceFamily, ...request }: PairingRequest) {
  return {
    ...request,
    ...(platform !== "" && { platform }),
    ...(deviceFamily !== "" && { deviceFamily }),
    silent: false,
    ts: askedAtMs,
  };
}
