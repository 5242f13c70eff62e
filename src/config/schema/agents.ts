import * as v from "valibot";
import {
  carried,
  duration,
  listOf,
  mapOf,
  matching,
  number,
  oneOf,
  open,
  section,
  sectionWith,
  text,
  wholeNumber,
} from "./field.ts";
import { toolPolicy } from "./tools.ts";

export const AGENT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

const agentId = () =>
  matching(AGENT_ID, "an agent id: letters, digits, _ and -, starting with a letter or digit", 64);

const modelChoice = v.union(
  [text(512), section({ primary: text(512), fallbacks: listOf(text(512), 32), ...carried("timeoutMs") })],
  'a model such as "openai/gpt-5.2", or {primary, fallbacks}',
);

const heartbeat = section({
  every: duration(),
  activeHours: section({ start: text(16), end: text(16), timezone: text(64) }),
  target: text(256),
  to: text(512),
  accountId: text(256),
  directPolicy: oneOf(["allow", "block"]),
  model: text(512),
  prompt: text(65_536),
  session: text(512),
  ackMaxChars: wholeNumber(0, 1_000_000),
  timeoutSeconds: wholeNumber(1, 86_400),
  ...carried("agentId", "includeReasoning", "includeSystemPromptSection", "isolatedSession"),
  ...carried("lightContext", "skipWhenBusy", "suppressToolErrorWarnings"),
});

const modelSettings = section({
  alias: text(128),
  params: mapOf(v.unknown()),
  ...carried("agentRuntime", "codeMode", "streaming"),
});

const budget = section({
  dailyUsd: number(0, 1_000_000),
  monthlyUsd: number(0, 1_000_000),
  dailyTokens: wholeNumber(0, 1_000_000_000_000),
  monthlyTokens: wholeNumber(0, 1_000_000_000_000),
});

const compaction = open({
  mode: oneOf(["default", "safeguard", "off"]),
  model: text(512),
  reserveTokens: wholeNumber(0, 100_000_000),
  reserveTokensFloor: wholeNumber(0, 100_000_000),
  keepRecentTokens: wholeNumber(0, 100_000_000),
});

/** What can be said about all agents or about one of them. */
const settings = {
  workspace: text(4096),
  model: modelChoice,
  models: mapOf(modelSettings),
  params: mapOf(v.unknown()),
  heartbeat,
  thinkingDefault: text(32),
  tools: toolPolicy,
  budget,
  compaction,
  contextTokens: wholeNumber(1_000, 100_000_000),
  bootstrapMaxChars: wholeNumber(100, 1_000_000),
  bootstrapTotalMaxChars: wholeNumber(100, 10_000_000),
  ...carried("agentRuntime", "blockStreamingBreak", "blockStreamingChunk", "blockStreamingCoalesce"),
  ...carried("blockStreamingDefault", "contextInjection", "contextLimits", "contextPruning", "cwd"),
  ...carried("elevatedDefault", "embeddedHarness", "embeddedPi", "experimental", "fastModeDefault"),
  ...carried("humanDelay", "imageModel", "memorySearch", "modelPolicy", "reasoningDefault", "runRetries"),
  ...carried("sandbox", "skills", "skillsLimits", "startupContext", "subagents", "systemPromptOverride"),
  ...carried("toolProgressDetail", "tts", "typingIntervalSeconds", "typingMode", "utilityModel"),
  ...carried("verboseDefault"),
};

const defaults = section({
  ...settings,
  timeoutSeconds: wholeNumber(1, 604_800),
  maxConcurrent: wholeNumber(1, 1024),
  userTimezone: text(64),
  ...carried("authInheritance", "bootstrapPromptTruncationWarning", "cliBackends", "envelopeElapsed"),
  ...carried("envelopeTimestamp", "envelopeTimezone", "imageGenerationModel", "imageMaxDimensionPx"),
  ...carried("imageQuality", "llm", "mediaGenerationAutoProviderFallback", "mediaMaxMb", "mediaModels"),
  ...carried("modelSelectionScope", "musicGenerationModel", "pdfMaxBytesMb", "pdfMaxMb", "pdfMaxPages"),
  ...carried("pdfModel", "promptOverlays", "repoRoot", "sessionStore", "silentReply", "silentReplyRewrite"),
  ...carried("skipBootstrap", "skipOptionalBootstrapFiles", "systemAgent", "timeFormat"),
  ...carried("videoGenerationModel"),
});

const ofOneAgent = {
  ...settings,
  name: text(256),
  default: v.boolean("true or false"),
  identity: section({
    name: text(256),
    theme: text(1024),
    emoji: text(64),
    avatar: text(65_536),
    ...carried("creature", "vibe"),
  }),
  ...carried("agentDir", "description", "groupChat", "runtime"),
};

const agentEntry = section(ofOneAgent);

export const agents = section({
  defaults,
  list: listOf(sectionWith({ id: agentId() }, ofOneAgent), 256),
  entries: v.pipe(
    mapOf(agentEntry, 256),
    v.check(
      (entries) => Object.keys(entries).every((id) => AGENT_ID.test(id)),
      "agent ids as keys: letters, digits, _ and -, starting with a letter or digit",
    ),
  ),
  ...carried("ownership"),
});
