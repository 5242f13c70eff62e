import * as v from "valibot";
import {
  carried,
  flag,
  listOf,
  mapOf,
  number,
  oneOf,
  open,
  secret,
  section,
  sectionWith,
  text,
  wholeNumber,
} from "./field.ts";

const MAX_TOKENS = 100_000_000;

const headers = () => mapOf(secret(), 64);

const model = sectionWith(
  { id: text(512) },
  {
    name: text(512),
    api: text(64),
    reasoning: flag(),
    input: listOf(text(32), 8),
    cost: open({
      input: number(0, 1_000_000),
      output: number(0, 1_000_000),
      cacheRead: number(0, 1_000_000),
      cacheWrite: number(0, 1_000_000),
    }),
    contextWindow: wholeNumber(1, MAX_TOKENS),
    contextTokens: wholeNumber(1, MAX_TOKENS),
    maxTokens: wholeNumber(1, MAX_TOKENS),
    headers: headers(),
    compat: open({
      requiresStringContent: flag(),
      supportsTools: flag(),
      strictMessageKeys: flag(),
      supportsUsageInStreaming: flag(),
    }),
    params: mapOf(v.unknown()),
    ...carried("agentRuntime", "baseUrl", "mediaInput", "metadataSource", "thinkingLevelMap"),
  },
);

const provider = section({
  baseUrl: text(2048),
  api: text(64),
  apiKey: secret(),
  auth: oneOf(["api-key", "token", "oauth", "aws-sdk"]),
  authHeader: flag(),
  headers: headers(),
  models: listOf(model, 1024),
  timeoutSeconds: wholeNumber(1, 86_400),
  timeouts: section({
    connectSeconds: number(0.1, 3_600),
    firstByteSeconds: number(0.1, 86_400),
    idleSeconds: number(0.1, 86_400),
    totalSeconds: number(0.1, 86_400),
  }),
  contextWindow: wholeNumber(1, MAX_TOKENS),
  contextTokens: wholeNumber(1, MAX_TOKENS),
  maxTokens: wholeNumber(1, MAX_TOKENS),
  params: mapOf(v.unknown()),
  ...carried("agentRuntime", "enabled", "injectNumCtxForOpenAICompat", "localService", "region", "request"),
});

export const models = section({
  mode: oneOf(["merge", "replace"]),
  providers: mapOf(provider, 256),
  ...carried("bedrockDiscovery", "catalogRefresh", "pricing"),
});
