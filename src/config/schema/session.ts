import { carried, listOf, mapOf, oneOf, open, section, text, wholeNumber } from "./field.ts";

const reset = () =>
  open({
    mode: oneOf(["none", "daily", "idle"]),
    atHour: wholeNumber(0, 23),
    idleMinutes: wholeNumber(0, 5_256_000),
  });

export const session = section({
  scope: oneOf(["per-sender", "global"]),
  dmScope: oneOf(["main", "per-peer", "per-channel-peer", "per-account-channel-peer"]),
  groupScope: oneOf(["main", "per-group"]),
  mainKey: text(64),
  reset: reset(),
  resetByType: mapOf(reset(), 16),
  resetByChannel: mapOf(reset(), 256),
  resetTriggers: listOf(text(256), 64),
  identityLinks: mapOf(listOf(text(512), 64), 10_000),
  idleMinutes: wholeNumber(0, 5_256_000),
  store: text(4096),
  maintenance: open({}),
  ...carried("agentToAgent", "notifyOnCreate", "parentForkMaxTokens", "resetModel", "sendPolicy", "sharing"),
  ...carried("threadBindings", "typingIntervalSeconds", "typingMode", "writeLock"),
});
