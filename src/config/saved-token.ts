import { randomBytes } from "node:crypto";
import { chmodSync, renameSync } from "node:fs";
import { readFileIfExists, writeFileAtomic } from "../platform/files.ts";
import { ensureStateDirs, type Paths } from "../platform/paths.ts";
import { storageFault } from "../platform/storage-fault.ts";

/** `damaged`: there is a file, and what is in it cannot be what a start has left. */
export type SavedToken = { kind: "none" } | { kind: "token"; token: string } | { kind: "damaged" };

const TOKEN = /^[\x20-\x7e]{16,4096}$/;

/**
 * The token an earlier start made and kept (behaviour.md R7), if there is one. Who only looks takes a damaged one for
 * none. Throws a Fault that names path, user and fix where the file may not be read.
 */
export function readSavedToken(paths: Paths): string | undefined {
  const saved = lookAtSavedToken(paths);
  return saved.kind === "token" ? saved.token : undefined;
}

export function lookAtSavedToken({ tokenFile, stateDir }: Paths): SavedToken {
  let text: string | undefined;
  try {
    text = readFileIfExists(tokenFile);
  } catch (error) {
    throw storageFault({ error, path: tokenFile, ours: stateDir }) ?? error;
  }
  if (text === undefined) return { kind: "none" };
  const token = text.trim();
  return TOKEN.test(token) ? { kind: "token", token } : { kind: "damaged" };
}

/** Made once and kept: restarts never lock anybody out. */
export function saveNewToken(paths: Paths): string {
  ensureStateDirs(paths);
  const token = randomBytes(32).toString("hex");
  writeFileAtomic(paths.tokenFile, `${token}\n`);
  return token;
}

/**
 * Moves a damaged file out of the way, so that its owner can still look at it. Returns where it is now. Throws a Fault
 * as above.
 */
export function setTokenAside({ tokenFile, stateDir }: Paths, nowMs: number): string {
  const aside = `${tokenFile}.damaged.${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
  try {
    chmodSync(tokenFile, 0o600);
    renameSync(tokenFile, aside);
  } catch (error) {
    throw storageFault({ error, path: tokenFile, ours: stateDir }) ?? error;
  }
  return aside;
}
