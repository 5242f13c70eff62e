import * as v from "valibot";
import { flag, listOf, mapOf, oneOf, open, secret, text } from "./field.ts";

const visibility = () => open({ showOk: flag(), showAlerts: flag(), useIndicator: flag() });
/** Platforms count their users; others name them. */
const senders = () => listOf(v.union([text(512), v.number()], "text or a number"), 10_000);

const policies = {
  enabled: flag(),
  dmPolicy: oneOf(["pairing", "allowlist", "open", "disabled"]),
  allowFrom: senders(),
  groupPolicy: oneOf(["allowlist", "open", "disabled"]),
  groupAllowFrom: senders(),
  mentionPatterns: listOf(text(512), 256),
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
    groups: mapOf(open({ requireMention: flag() }), 10_000),
    accounts: mapOf(open(policies), 256),
    defaultAccount: text(256),
  }),
  256,
);
