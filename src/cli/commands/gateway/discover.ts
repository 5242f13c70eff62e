import { defineCommand } from "../../command.ts";
import { discoverGateways, type FoundPlace } from "../../gateway-discover.ts";
import { placeLines } from "../../gateway-discover-lines.ts";
import { paint } from "../../io.ts";

export default defineCommand({
  summary: "List the gateways this machine knows of, and whether they answer",
  description: [
    "Looks at this state folder, the profiles in the home folder, processes and services of this user, and",
    "gateway.remote.url. The network is not searched: gateways do not announce themselves. Shows nobody a secret.",
  ],
  options: {
    timeout: {
      type: "duration",
      bareUnit: "ms",
      default: 2_000,
      summary: "how long to wait for an answer (2s)",
    },
  },
  examples: ["openclaw gateway discover", "openclaw gateway discover --json"],
  async run({ timeout }, context): Promise<{ gateways: FoundPlace[] }> {
    return { gateways: await discoverGateways(context, timeout) };
  },
  render({ gateways }, { io }) {
    for (const line of placeLines(gateways, paint(io.color.out))) io.out(line);
    io.note(
      "looked at: this state folder, profiles, processes and services of this user, gateway.remote.url; not at the network",
    );
  },
});
