import { dirname, join, sep } from "node:path";
import { majorOf, OLDEST_NODE } from "../../platform/node-version.ts";
import { programsOnPath } from "../../platform/programs.ts";
import { defineCheck } from "../check.ts";

/** This very process is new enough. The question is what a shell, cron or a supervisor would begin with. */
export default defineCheck({
  id: "node-version",
  summary: "the Node on PATH is new enough, or the launcher has one of its own",
  where: "outside",
  async inspect({ env, host, signal }) {
    const [node] = programsOnPath("node", env.get("PATH") ?? "");
    if (!node || env.get("OPENCLAW_NODE") !== undefined || launcherFinds(process.execPath, env.home))
      return [];
    const version = (await host.run(node.path, ["--version"], signal))?.trim();
    if (version === undefined || majorOf(version) >= OLDEST_NODE) return [];
    return [
      {
        id: "node-too-old",
        severity: "warning",
        evidence: [
          `${node.path} is Node ${version}; Node ${OLDEST_NODE} or newer is needed`,
          `this command was started by ${process.execPath} (${process.version}), which cron and supervisors may not find`,
        ],
        fix: `export OPENCLAW_NODE=${process.execPath}`,
      },
    ];
  },
});

/** Places where the launcher looks whatever PATH says; a checkout brings its Node along. */
function launcherFinds(node: string, home: string): boolean {
  const launcher = process.argv[1] ?? "";
  const folders = [
    dirname(dirname(launcher)),
    join(home, ".nvm/versions/node"),
    join(home, ".volta/tools/image/node"),
    "/usr/local/bin",
    "/opt/homebrew",
  ];
  return folders.some((folder) => folder !== sep && node.startsWith(`${folder}${sep}`));
}
