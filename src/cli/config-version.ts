import type { ConfigVersion } from "../config/version.ts";
import { Fault } from "../platform/fault.ts";
import { UsageError } from "./usage.ts";

/** The number that was typed. Throws `UsageError`. */
export function parseVersionNumber(text: string, command: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no number of a version`, command.split(" "));
}

/** Throws `UsageError` for what is no number, `Fault` (1) when there is no such version (any more). */
export function findVersion(
  text: string,
  versions: readonly ConfigVersion[],
  command: string,
): ConfigVersion {
  const number = parseVersionNumber(text, command);
  const found = versions.find((version) => version.number === number);
  if (found) return found;
  throw new Fault(`There is no version ${number}`, { fix: "openclaw config history" });
}
