import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import type { IncludedTexts } from "./include.ts";
import type { Issue } from "./invalid.ts";
import type { Author } from "./version.ts";

/** What every write of the config needs. */
export interface WriteInput {
  paths: Paths;
  env: Env;
  /** Of this program; stamped into the file. */
  version: string;
  author: Author;
  /** For the history. Without values, which may be secrets: "config set gateway.port". */
  command: string;
  /** The `hash` of the text the write is based on, "" for no file; another text there now refuses the write. */
  baseHash?: string;
  clock?: Pick<Clock, "now">;
  /** Ends the wait for other writers. */
  signal?: AbortSignal;
  /** Goes the whole way but for the writing, without the stamp; nothing on the disk changes. */
  dryRun?: boolean;
  /** A gateway that takes the change over does not wait for what is on its way. */
  now?: boolean;
}

/** What becomes of an included file. */
export interface IncludedEdit {
  /** Without symlinks. */
  real: string;
  /** Undefined when there is no such file yet. */
  before: string | undefined;
  text: string;
}

/** What a write wants the files to say. */
export interface Draft {
  /** Of the main file; the same as before when there is nothing to do. */
  text: string;
  /** The included files that change. */
  included?: readonly IncludedEdit[];
  /** What the draft was made from besides the main file: when one of these is another one by now it is made again. */
  read?: IncludedTexts;
  /** The number of the version that is put back. */
  restores?: number;
  /** Which problems of the result forbid the write; without it all do. */
  blames?(remaining: readonly Issue[]): readonly Issue[];
}

/** A draft that has its stamp and has been checked. */
export interface CheckedDraft extends Draft {
  included: readonly IncludedEdit[];
  /** The main file differs in nothing but the stamp. */
  stampOnly: boolean;
}

/** What there is while no other program of ours writes. */
export interface Current {
  /** Undefined when there is no file. */
  raw: string | undefined;
  nowMs: number;
  dryRun: boolean;
}
