import type { FileView } from "../../config/file-view.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { Env } from "../../platform/env.ts";
import type { Paths } from "../../platform/paths.ts";
import type { OffThread } from "../off-thread.ts";
import { isInForce } from "./candidate.ts";

export interface ViewsInput {
  paths: Paths;
  env: Env;
  thread: OffThread;
  signal: AbortSignal;
  inForce(): LoadedConfig;
}

/** Larger texts take longer than the main thread may be busy, even when nothing is wrong with them. */
const MAX_HERE_CHARS = 50_000;

/**
 * What others see of the file. One that is not what is served may be anything, so it is looked at in the thread, by one
 * caller at a time; those who come meanwhile share the next look.
 */
export function openViews({ paths, env, thread, signal, inForce }: ViewsInput) {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<FileView> | undefined;

  async function look(secrets: readonly string[]): Promise<FileView> {
    const loaded = inForce();
    if (isInForce(loaded, paths) && loaded.raw!.length <= MAX_HERE_CHARS) {
      const { viewOfFile } = await import("../../config/file-view.ts");
      return await viewOfFile({ paths, env }, secrets);
    }
    try {
      return await thread.run({ kind: "view", paths, variables: env.variables(), inForce: secrets }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { viewOfBroken } = await import("../../config/file-view.ts");
      return viewOfBroken("", [
        { path: "<root>", message: `${paths.configPath}: ${(error as Error).message}` },
      ]);
    }
  }

  return (secrets: () => readonly string[]): Promise<FileView> => {
    next ??= current.then(() => {
      const view = look(secrets());
      next = undefined;
      current = view.catch(() => {});
      return view;
    });
    return next;
  };
}
