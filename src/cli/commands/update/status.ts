import { checkConfig } from "../../../config/load.ts";
import { getAt } from "../../../config/path.ts";
import { OLDEST_NODE } from "../../../platform/node-version.ts";
import { findRunningGateway } from "../../../platform/running-gateway.ts";
import { BUILD_COMMIT, PRODUCT_VERSION } from "../../../protocol/version.ts";
import { columns } from "../../columns.ts";
import { defineCommand } from "../../command.ts";
import { installationHere, updateCommand } from "../../install-kind.ts";

export default defineCommand({
  summary: "Show version, kind of installation and Node, and the command that updates",
  description: [
    "Nobody is asked whether there is a newer version: this program contacts no server by itself.",
  ],
  options: {},
  async run(_args, { paths, env }) {
    const installation = installationHere();
    const running = findRunningGateway(paths);
    const checked = await checkConfig({ paths, env, purpose: "look" });
    const writer = checked.ok ? getAt(checked.loaded.config, ["meta", "lastTouchedVersion"]) : undefined;
    const gateway = running.kind === "verified" ? running.boot?.version : undefined;
    return {
      version: PRODUCT_VERSION,
      commit: BUILD_COMMIT,
      installation,
      node: { version: process.version, path: process.execPath, needed: `>=${OLDEST_NODE}` },
      ...(gateway !== undefined && { gateway }),
      ...(typeof writer === "string" && { configWrittenBy: writer }),
      newest: "not asked",
      update: updateCommand(installation),
    };
  },
  render({ version, commit, installation, node, gateway, configWrittenBy, update }, { io }) {
    const kind = { checkout: "a checkout of the sources", npm: "a package", unpacked: "an unpacked package" };
    const rows = [
      ["Version", `${version} (${commit})`],
      ["Installed as", `${kind[installation.kind]} in ${installation.root}`],
      ["Node", `${node.version} ${node.path} (needs ${node.needed})`],
      ["Gateway", gateway === undefined ? "none runs here" : gatewayText(gateway, version)],
      ["Config", configWrittenBy === undefined ? "no version in it" : `last written by ${configWrittenBy}`],
      ["Newest version", "not asked: this program contacts no server by itself"],
    ] as const;
    for (const line of columns(rows, "")) io.out(line);
    io.out(`To update: ${update}`);
    if (gateway !== undefined && gateway !== version)
      io.note("notice: to run this version: openclaw stop && openclaw restart");
  },
});

function gatewayText(running: string, version: string): string {
  return running === version ? `${running}, this version` : `${running}, another version than this`;
}
