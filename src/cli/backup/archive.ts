import { isRecord } from "../../protocol/frames.ts";
import { hostile } from "./tar-header.ts";

/** First entry of the archive: what it is, readable without unpacking the rest. */
export const ABOUT = "openclaw-backup.json";
/** Last entry: what has to be in the others. */
export const MANIFEST = "manifest.json";

/** The folder of the archive for the config and what it includes; `openclaw.json` is the main file, however it is called. */
export const CONFIG_ROOT = "config";
export const CONFIG_NAME = "openclaw.json";
/** The folder of the archive for everything else below the state folder. */
export const STATE_ROOT = "state";

export interface About {
  format: "openclaw-backup";
  formatVersion: 1;
  createdAt: string;
  version: string;
  stateDir: string;
  configPath: string;
  workspace: boolean;
  /** Below the state folder and left out, so that a restore leaves them alone too. */
  leftOut: string[];
  /** Folders outside of the state folder, by their folder in the archive. */
  outside: Record<string, string>;
}

export interface ManifestFile {
  path: string;
  bytes: number;
  sha256: string;
}

export interface Manifest {
  files: ManifestFile[];
  /** Not in the archive: links, sockets, devices. */
  skipped: string[];
}

export function parseAbout(text: string): About {
  const value = parse(text);
  if (!isRecord(value) || value.format !== "openclaw-backup") throw hostile("it is no backup of openclaw");
  if (value.formatVersion !== 1) throw hostile("it was written by a newer version");
  const { createdAt, version, stateDir, configPath, workspace, leftOut, outside } = value;
  const isWhole =
    [createdAt, version, stateDir, configPath].every((each) => typeof each === "string") &&
    typeof workspace === "boolean" &&
    Array.isArray(leftOut) &&
    leftOut.every((each) => typeof each === "string") &&
    isRecord(outside) &&
    Object.entries(outside).every(
      ([root, path]) => /^workspace-\d{1,4}$/.test(root) && typeof path === "string",
    );
  if (!isWhole) throw hostile(`${ABOUT} is not as it was written`);
  return value as unknown as About;
}

export function parseManifest(text: string): Manifest {
  const value = parse(text);
  if (!isRecord(value) || !Array.isArray(value.files) || !Array.isArray(value.skipped))
    throw hostile(`${MANIFEST} is not as it was written`);
  for (const file of value.files) {
    const isWhole = isRecord(file) && typeof file.path === "string" && Number.isSafeInteger(file.bytes);
    if (!isWhole || typeof file.sha256 !== "string") throw hostile(`${MANIFEST} is not as it was written`);
  }
  return value as unknown as Manifest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
