import type { Binding } from "./agent-config.ts";
import type { Options } from "./command.ts";
import { UsageError } from "./usage.ts";

/** Which messages a binding is about. */
export const bindingOptions = {
  channel: { type: "string", placeholder: "id", summary: "of which chat app, such as telegram" },
  account: { type: "string", placeholder: "id", summary: "of which account of it" },
  peer: { type: "string", placeholder: "kind:id", summary: "of which person or group, such as direct:12345" },
} as const satisfies Options;

const KINDS = ["direct", "group", "channel"];

export function matchOf(
  {
    channel,
    account,
    peer,
  }: { channel?: string | undefined; account?: string | undefined; peer?: string | undefined },
  words: readonly string[],
): NonNullable<Binding["match"]> {
  if (channel === undefined)
    throw new UsageError(`missing option --channel for "${words.join(" ")}"`, [...words]);
  const [, kind, id] = peer === undefined ? [] : (/^([a-z]+):(.+)$/s.exec(peer) ?? []);
  if (peer !== undefined && (!kind || !KINDS.includes(kind)))
    throw new UsageError(`--peer is <kind>:<id>; a kind is one of ${KINDS.join(", ")}`, [...words]);
  return {
    channel,
    ...(account !== undefined && { accountId: account }),
    ...(kind !== undefined && id !== undefined && { peer: { kind, id } }),
  };
}
