import { systemClock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/files.ts";
import { keepCopy } from "./kept-copy.ts";
import { bytesUnlike, readConfigFile } from "./read-file.ts";
import { replaceConfig } from "./store.ts";
import { EMPTY, type WriteInput } from "./write.ts";
import { ALL_GUARDS } from "./write-guard.ts";

export interface Reset {
  path: string;
  /** Where the text from before is; undefined when there was no file. */
  copy: string | undefined;
}

/** Leaves a config that says nothing, and a copy `<file>.bak.<time>` of what was there, broken or not. */
export async function resetConfig(input: Omit<WriteInput, "baseHash">): Promise<Reset> {
  const { paths, clock = systemClock } = input;
  const path = paths.configPath;
  const raw = readConfigFile(path, paths.stateDir);
  if (raw === undefined) return { path, copy: undefined };
  const copy = keepCopy(path, "bak", bytesUnlike(path, raw) ?? raw, clock.now());
  await replaceConfig({ ...input, text: EMPTY, baseHash: sha256Hex(raw), allow: ALL_GUARDS });
  return { path, copy };
}
