import * as v from "valibot";
import { flag, listOf, mapOf, oneOf, open, secret, text, wholeNumber } from "./field.ts";

const visibility = () => open({ showOk: flag(), showAlerts: flag(), useIndicator: flag() });
/** Platforms count their users; others name them. */
const senders = () => listOf(v.union([text(512), v.number()], "text or a number"), 10_000);

const policies = {
  enabled: flag(),
  dmPolicy: oneOf(["pairing", "allowlist", "open", "disabled"]),
  allowFrom: senders(),
  groupPolicy: oneOf(["allowlist", "open", "disabled"]),
  groupAllowFrom: senders(),
  groups: mapOf(open({ requireMention: flag(), enabled: flag(), allowFrom: senders() }), 10_000),
  mentionPatterns: listOf(text(512), 256),
  allowBots: flag(),
  replyToMode: oneOf(["off", "first", "all"]),
  streamMode: oneOf(["off", "partial", "block"]),
  rateLimit: open({ perMinute: wholeNumber(1, 100_000), burst: wholeNumber(1, 100_000) }),
  mediaMaxMb: wholeNumber(0, 1_000),
  heartbeatVisibility: visibility(),
  heartbeat: visibility(),
  botToken: secret(),
  appToken: secret(),
  token: secret(),
};

/** One section per platform; what is special to a platform is checked by its channel. */
export const channels = mapOf(
  open({
    ...policies,
    accounts: mapOf(open(policies), 256),
    defaultAccount: text(256),
  }),
  256,
);

/** Which agent answers: the first of the most exact kind that matches, `channel` is required. */
export const bindings = listOf(
  open({
    agentId: text(64),
    match: open({
      channel: text(256),
      accountId: text(256),
      peer: open({ kind: oneOf(["direct", "dm", "group", "channel"]), id: text(512) }),
      guildId: text(512),
      teamId: text(512),
    }),
  }),
  10_000,
);
