import { lastGoodPath } from "../config/last-good.ts";
import { type Checked, checkConfig, checkText } from "../config/load.ts";
import { readConfigFile } from "../config/read-file.ts";
import type { Env } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import type { Host } from "../platform/host.ts";
import type { Paths } from "../platform/paths.ts";
import type { GatewayView } from "./gateway-view.ts";

/** What checks look at. Each fact is found out once, when the first check asks for it. */
export interface Facts {
  readonly paths: Paths;
  readonly env: Env;
  /** Of this program. */
  readonly version: string;
  readonly nowMs: number;
  readonly host: Host;
  /** --deep: look further, also where it takes longer. */
  readonly deep: boolean;
  /** Ends every wait of the check that is looking. */
  readonly signal: AbortSignal;
  /** The bytes of the config file as text. */
  configText(): FileText;
  /** The config file as a start would take it. */
  config(): Promise<Checked>;
  /** The text the gateway last ran with, and what it says; undefined when there is none that can be used. */
  lastGood(): Promise<{ path: string; text: string; checked: Checked } | undefined>;
  gateway(): Promise<GatewayView>;
}

export type FileText =
  | { kind: "text"; text: string }
  | { kind: "missing" }
  | { kind: "unreadable"; fault: Fault };

export interface FactsInput extends Pick<Facts, "paths" | "env" | "version" | "nowMs" | "host" | "deep"> {
  gateway(signal: AbortSignal): Promise<GatewayView>;
}

/** `signal` is that of the whole round; `boundFacts` gives each check its own. */
export function openFacts(input: FactsInput, signal: AbortSignal): Facts {
  const { paths, env } = input;
  const { configPath, stateDir } = paths;
  const configText = once(() => readText(configPath, stateDir));
  return {
    ...input,
    signal,
    configText,
    config: once(() => checkConfig({ paths, env })),
    lastGood: once(async () => {
      const path = lastGoodPath(configPath);
      const read = readText(path, stateDir);
      if (read.kind !== "text") return undefined;
      return { path, text: read.text, checked: await checkText(read.text, { paths, env }) };
    }),
    gateway: once(() => input.gateway(signal)),
  };
}

/** The same facts for a check that has to end with `signal`. */
export function boundFacts(facts: Facts, signal: AbortSignal): Facts {
  return { ...facts, signal };
}

function readText(path: string, stateDir: string): FileText {
  try {
    const text = readConfigFile(path, stateDir);
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { kind: "unreadable", fault };
  }
}

function once<T>(find: () => T): () => T {
  let found: { value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
