import * as v from "valibot";
import { carried, flag, listOf, mapOf, secret, section, text, wholeNumber } from "./field.ts";

export const cron = section({
  enabled: flag(),
  skipMissedJobs: flag(),
  webhookToken: secret(),
  maxConcurrentRuns: wholeNumber(1, 256),
  ...carried("failureAlert", "failureDestination", "retry", "runLog", "sessionRetention", "store"),
  ...carried("triggers", "webhook", "webhookSsrfPolicy"),
});

export const hooks = section({
  enabled: flag(),
  token: text(16_384),
  path: text(256),
  maxBodyBytes: wholeNumber(1, 100_000_000),
  allowedAgentIds: listOf(text(64), 256),
  defaultSessionKey: text(512),
  allowRequestSessionKey: flag(),
  allowedSessionKeyPrefixes: listOf(text(512), 256),
  presets: listOf(text(128), 64),
  mappings: listOf(mapOf(v.unknown()), 1024),
  transformsDir: text(4096),
  ...carried("gmail", "internal"),
});
