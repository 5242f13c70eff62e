import type { FileView } from "../../config/file-view.ts";
import type { Config } from "../../config/schema.ts";

export type ReloadMode = "off" | "hybrid" | "hot" | "restart";

/** Whether the config file is what the gateway serves, and if not, why. */
export interface ReloadStatus {
  mode: ReloadMode;
  /**
   * `invalid`: the file cannot be used, the last good version is served. `partial`: some parts kept their former
   * settings. `restart-needed`: some keys count only from the next start on. `off`: edits are not looked at.
   */
  state: "current" | "invalid" | "partial" | "restart-needed" | "off";
  /** Of the text in force; the file may have another one by now. */
  appliedHash: string;
  /** Epoch ms of the start, or of the last reload that changed something. */
  appliedAt: number;
  /** With `invalid`: what is wrong with the file, one line each. */
  issues?: string[];
  /** With `restart-needed`: the paths. */
  restartNeeded?: string[];
  /** With `partial`: which part, and why. */
  kept?: string[];
}

/** What methods and routes see of the reload. */
export interface Reload {
  status(): ReloadStatus;
  /** This process has written the file: tells the clients, and does not wait for the watcher to notice. */
  wrote(hash: string): void;
  /** What others see of the file as it is now; `secrets` are those that must not be seen besides its own. */
  view(secrets: () => readonly string[]): Promise<FileView>;
}

export function reloadMode({ gateway }: Config): ReloadMode {
  return gateway?.reload?.mode ?? "hybrid";
}

/** False while what is in the file does not come into force: edits are not looked at, or the file is broken. */
export function followsFile({ state }: ReloadStatus): boolean {
  return state !== "off" && state !== "invalid";
}
