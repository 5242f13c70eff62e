import { readlinkSync } from "node:fs";

/**
 * The machine's IANA time zone, "local time" where it does not say. Asking Intl instead would load 8 MB of
 * locale data for this one word.
 */
export function systemTimeZone(): string {
  try {
    const [, zone] = readlinkSync("/etc/localtime").split("/zoneinfo/");
    return zone ?? "local time";
  } catch {
    return "local time";
  }
}
