import type { ConfigEdit } from "../config/legacy-write.ts";
import type { SetAside } from "./replace-database.ts";

/**
 * Everything a repair can do. A closed set, so that every repair can be shown before it is made, saved beforehand and
 * taken back afterwards by the same few functions. Paths are absolute.
 */
export type Change =
  /** Single values of the config, in the words of `config set`; the rest stays byte for byte. */
  | { kind: "config-edits"; edits: readonly ConfigEdit[] }
  /** A whole text for the config file; what was there is kept beside it as `.clobbered.<time>`. */
  | { kind: "config-text"; text: string }
  | { kind: "chmod"; path: string; mode: number }
  | { kind: "chown"; path: string; uid: number; gid: number }
  /** A file that is not the config, 0600 unless said otherwise. */
  | { kind: "write"; path: string; content: string | Uint8Array; mode?: number }
  /** A file of a service's definition; its supervisor is told. */
  | {
      kind: "service";
      path: string;
      content: string | Uint8Array;
      mode: number;
      makeKnown(): Promise<void>;
    }
  /** To a name nothing has yet, on the same disk. */
  | { kind: "move"; from: string; to: string }
  | { kind: "remove"; path: string }
  /** The token this machine's commands keep for their gateway, in the file `path`; only they can ask for another. */
  | { kind: "own-token"; path: string; does: "renew" | "forget"; make(): Promise<void> }
  /** A database with its journal goes to a folder of its own; a copy of `successor` takes its place, or nothing. */
  | ({ kind: "replace-database"; successor?: string } & SetAside);

/** The paths whose bytes, mode or place a change touches. */
export function touchedBy(change: Change, configFiles: readonly string[]): string[] {
  switch (change.kind) {
    case "config-edits":
    case "config-text":
      return [...configFiles];
    case "move":
      return [change.from, change.to];
    default:
      return [change.path];
  }
}
