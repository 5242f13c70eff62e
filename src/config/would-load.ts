import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { textsOf } from "./included-files.ts";
import { checkText } from "./load.ts";
import type { ConfigTexts } from "./version.ts";

/** Whether a start would accept these texts in the place of what is in the files. */
export async function wouldLoad(
  { text, files = [] }: ConfigTexts,
  { paths, env }: { paths: Paths; env: Env },
): Promise<boolean> {
  const included = textsOf(paths.configPath, files);
  return (await checkText(text, { paths, env, purpose: "write", included })).ok;
}
