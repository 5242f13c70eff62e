import type * as v from "valibot";
import { agents } from "./schema/agents.ts";
import { cron, hooks } from "./schema/automation.ts";
import { browser } from "./schema/browser.ts";
import { bindings, channels } from "./schema/channels.ts";
import {
  carried,
  flag,
  listOf,
  mapOf,
  number,
  oneOf,
  open,
  section,
  text,
  wholeNumber,
} from "./schema/field.ts";
import { gateway } from "./schema/gateway.ts";
import { models } from "./schema/models.ts";
import { session } from "./schema/session.ts";
import { toolPolicy } from "./schema/tools.ts";

const levels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

const logging = section({
  level: oneOf(levels),
  consoleLevel: oneOf(levels),
  consoleStyle: oneOf(["pretty", "compact", "json"]),
  file: text(4096),
  maxFileBytes: number(1024, 10_000_000_000),
  redactPatterns: listOf(text(1024), 128),
  ...carried("audit", "redactSensitive"),
});

const diagnostics = open({
  enabled: flag(),
  memory: open({
    maxMb: wholeNumber(64, 1_000_000),
    restart: flag(),
    minUptimeMinutes: wholeNumber(0, 100_000),
  }),
});

const plugins = section({
  enabled: flag(),
  allow: listOf(text(256), 1024),
  deny: listOf(text(256), 1024),
  entries: mapOf(open({ enabled: flag() }), 1024),
  ...carried("bundledDiscovery", "installs", "load", "slots"),
});

const meta = open({ lastTouchedVersion: text(64), lastTouchedAt: text(64) });

/** Sections an existing file may have and this version does not use. */
export const UNUSED_SECTIONS = [
  "accessGroups",
  "acp",
  "approvals",
  "audio",
  "audit",
  "auth",
  "broadcast",
  "canvas",
  "canvasHost",
  "cli",
  "cloudWorkers",
  "commands",
  "commitments",
  "desktop",
  "discovery",
  "mcp",
  "media",
  "memory",
  "messages",
  "multiAgent",
  "nodeHost",
  "proxy",
  "repositoryBranchPrefix",
  "secrets",
  "security",
  "skills",
  "surfaces",
  "talk",
  "telemetry",
  "transcripts",
  "tts",
  "ui",
  "update",
  "web",
  "wizard",
  "worktreeAcceleration",
  "worktreeMaxCount",
  "worktreeRoot",
] as const;

/** The whole of `openclaw.json` after includes, substitution and older keys are resolved (behaviour.md C). */
export const configSchema = section({
  $schema: text(2048),
  meta,
  env: open({ vars: mapOf(text(65_536), 512) }),
  gateway,
  agents,
  models,
  session,
  channels,
  bindings,
  cron,
  hooks,
  tools: toolPolicy,
  browser,
  plugins,
  logging,
  diagnostics,
  ...carried(...UNUSED_SECTIONS),
});

export type Config = v.InferOutput<typeof configSchema>;
export type GatewayConfig = NonNullable<Config["gateway"]>;
type AgentsConfig = NonNullable<Config["agents"]>;
export type AgentEntry = NonNullable<AgentsConfig["entries"]>[string];
export type ToolPolicy = NonNullable<Config["tools"]>;
type ModelsConfig = NonNullable<Config["models"]>;
export type ProviderConfig = NonNullable<ModelsConfig["providers"]>[string];
/** A secret is in the file itself, or the file says where it is kept. */
export type SecretValue = NonNullable<ProviderConfig["apiKey"]>;
