import * as v from "valibot";
import { deskIfAny } from "../../channels/ask-desk.ts";
import { channelsStatus } from "../../channels/status-payload.ts";
import { defineMethod } from "../../method.ts";

const PROBE_MS = 10_000;

/** One row per configured account; with `probe` the platforms are asked now. */
export default defineMethod({
  name: "channels.status",
  scope: "operator.read",
  params: v.object({
    probe: v.optional(v.boolean()),
    timeoutMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(120_000)), PROBE_MS),
    channel: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(64))),
  }),
  async run({ probe, timeoutMs, channel }, { services }) {
    const desk = await deskIfAny(services);
    const { config } = services.loaded;
    const probes = probe ? await desk?.probe(channel === undefined ? {} : { channel }, timeoutMs) : undefined;
    // A probe answers with the rows it has asked about; they are those of that moment.
    const probed = new Map(
      [...(probes ?? [])].map(([row, result]) => [`${row.channel} ${row.accountId}`, result]),
    );
    const accounts = (desk?.accounts() ?? []).filter(
      (row) => channel === undefined || row.channel === channel,
    );
    return channelsStatus({
      accounts,
      defaultAccountOf: (id) => config.channels?.[id]?.defaultAccount,
      nowMs: services.clock.now(),
      ...(probes && {
        probes: new Map(
          accounts.flatMap((row) => {
            const result = probed.get(`${row.channel} ${row.accountId}`);
            return result ? [[row, result] as const] : [];
          }),
        ),
      }),
    });
  },
});
