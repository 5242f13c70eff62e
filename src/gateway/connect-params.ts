import * as v from "valibot";

const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));
const Text = v.pipe(v.string(), v.maxLength(512));
const Names = v.pipe(v.array(Text), v.maxLength(512));

/**
 * `connect` as clients send it (protocol.md §2.2). Unknown keys and unknown client ids are accepted:
 * newer clients keep adding some, and nothing is granted because of a name.
 */
export const ConnectParams = v.object({
  minProtocol: v.pipe(v.number(), v.integer(), v.minValue(1)),
  maxProtocol: v.pipe(v.number(), v.integer(), v.minValue(1)),
  client: v.object({
    id: Name,
    mode: v.picklist(["webchat", "cli", "ui", "backend", "node", "worker", "probe", "test"]),
    version: Text,
    platform: Text,
    displayName: v.optional(Text),
    deviceFamily: v.optional(Text),
    instanceId: v.optional(Text),
  }),
  role: v.optional(Name, "operator"),
  scopes: v.optional(v.pipe(v.array(Name), v.maxLength(64)), []),
  caps: v.optional(Names, []),
  device: v.optional(
    v.object({
      id: Text,
      publicKey: Text,
      signature: Text,
      signedAt: v.pipe(v.number(), v.integer()),
      // Missing or blank has a documented answer of its own, so the schema lets it pass.
      nonce: v.optional(v.string(), ""),
    }),
  ),
  auth: v.optional(
    v.object({
      token: v.optional(v.string()),
      password: v.optional(v.string()),
      deviceToken: v.optional(v.string()),
      bootstrapToken: v.optional(v.string()),
    }),
    {},
  ),
});

export type ConnectParams = v.InferOutput<typeof ConnectParams>;
