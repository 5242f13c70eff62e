import { Fault } from "../../../platform/fault.ts";
import { accountLines } from "../../channels/account-text.ts";
import { type ChannelsReport, isAllWell, reportChannels } from "../../channels/channels-report.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";
import { paint } from "../../io.ts";
import { printableData } from "../../printable-data.ts";
import { printFault } from "../../report.ts";

interface Shown extends ChannelsReport {
  requireOk: boolean;
}

export default defineCommand({
  summary: "Show each account of the chat apps: live or not, by what proof",
  description: [
    "Only a completed poll or an answered heartbeat counts as proof; its age is shown. --probe asks the platforms.",
    "While no gateway runs it shows what the config says, and with --probe asks the platforms from here.",
    "Exit code 0, whatever it shows; with --require-ok 1 unless every enabled account is live and its probe works.",
  ],
  options: {
    channel: { type: "string", placeholder: "id", summary: "only this chat app" },
    probe: { type: "boolean", summary: "ask the platforms now, and audit the accounts" },
    requireOk: { type: "boolean", summary: "exit code 1 unless all is well" },
    ...clientOptions,
  },
  examples: ["openclaw channels status --probe", "openclaw channels status --probe --require-ok"],
  async run({ channel, probe, requireOk, timeout }, context): Promise<Shown> {
    const id = channel === undefined ? undefined : findChannel(channel, context.name).id;
    const report = await reportChannels(
      { probe, timeoutMs: timeout, ...(id !== undefined && { channel: id }) },
      context,
    );
    return { ...report, requireOk };
  },
  render(report, { io }) {
    const style = paint(io.color.out);
    const { source, problem, probed, channelOrder, channelLabels, channelAccounts, unused, partial, ts } =
      printableData(report);
    if (source === "gateway") io.out("Gateway reachable.");
    else {
      const asked = probed ? "; the platforms were asked from here" : "";
      io.out(style.yellow(`Gateway not reachable; config-only status${asked}:`));
    }
    for (const channel of channelOrder)
      for (const row of channelAccounts[channel] ?? [])
        for (const line of accountLines(
          { channel, label: channelLabels[channel] ?? channel, row },
          style,
          ts,
        ))
          io.out(line);
    if (channelOrder.length === 0) io.out("No chat app is configured. Add one: openclaw channels add");
    for (const id of unused)
      io.out(style.dim(`- ${id}: kept in the config, not used: this version has no such channel`));
    if (partial) io.note("notice: not every platform answered in time; give it longer with --timeout");
    if (problem) printFault(new Fault(problem.what, problem), io);
  },
  exitCode: (report) => (report.requireOk && !isAllWell(report) ? 1 : 0),
});
