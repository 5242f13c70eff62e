import { configVersions } from "../config/history.ts";
import { checkText, type LoadedConfig } from "../config/load.ts";
import type { Facts } from "./facts.ts";

/** A whole config that would load, from before the file was broken. */
export interface GoodText {
  text: string;
  loaded: LoadedConfig;
  /** For people: "the config the gateway last ran with", "version 12 of 2026-11-20T18:15:17.765Z". */
  name: string;
}

/** What the gateway last ran with, else the newest version of the history that would load. */
export async function findGoodText({ paths, env, lastGood }: Facts): Promise<GoodText | undefined> {
  const last = await lastGood();
  if (last?.checked.ok && last.text.trim() !== "") {
    return { text: last.text, loaded: last.checked.loaded, name: "the config the gateway last ran with" };
  }
  for (const { number, atMs, text } of configVersions(paths)) {
    const checked = await checkText(text, { paths, env });
    if (!checked.ok || checked.loaded.config.gateway?.mode === undefined) continue;
    return { text, loaded: checked.loaded, name: `version ${number} of ${new Date(atMs).toISOString()}` };
  }
  return undefined;
}
