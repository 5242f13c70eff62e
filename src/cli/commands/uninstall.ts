import { Fault } from "../../platform/fault.ts";
import { isRecord } from "../../protocol/frames.ts";
import { defineCommand } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { removalCommand } from "../install-kind.ts";
import { requireNewEnoughFor } from "../newer-config.ts";
import { agree } from "../reset/agree.ts";
import { type Part, planRemoval, remove } from "../reset/removal.ts";
import { runSibling } from "../sibling-command.ts";
import { stopGateway } from "../stop-gateway.ts";
import { UsageError } from "../usage.ts";

export default defineCommand({
  summary: "Remove the service, the state, the workspace, or all of it; what goes is saved before",
  description: [
    "Choose what goes by the options. The program itself is removed by what installed it; the command is shown.",
    "State and workspace are saved in ~/openclaw-backups before.",
  ],
  options: {
    service: { type: "boolean", summary: "stop the gateway and remove its service" },
    state: { type: "boolean", summary: "config, credentials, sessions, logs" },
    workspace: { type: "boolean", summary: "the files of agents" },
    app: { type: "boolean", summary: "say how the program itself goes" },
    all: { type: "boolean", summary: "all four" },
    yes: { type: "boolean", alias: "y", summary: "do not ask" },
    nonInteractive: { type: "boolean", summary: "never ask; needs --yes" },
    dryRun: { type: "boolean", summary: "say what would go, change nothing" },
  },
  examples: ["openclaw uninstall --all --dry-run", "openclaw uninstall --service --yes"],
  async run({ all, yes, nonInteractive, dryRun, ...chosen }, context) {
    await requireNewEnoughFor("uninstall", context);
    const { paths, env, io, signal } = context;
    const goes = (part: keyof typeof chosen) => all || chosen[part];
    const parts: Part[] = [
      ...(goes("state") ? (["config", "credentials", "sessions", "state"] as const) : []),
      ...(goes("workspace") ? (["workspace"] as const) : []),
    ];
    if (parts.length === 0 && !goes("service") && !goes("app"))
      throw new UsageError("choose what goes: --service, --state, --workspace, --app or --all", [
        "uninstall",
      ]);
    if (nonInteractive && !yes && !dryRun)
      throw new UsageError("--non-interactive needs --yes", ["uninstall"]);
    const removal = await planRemoval(parts, paths, env);
    const also = goes("service") ? ["the gateway is stopped, and its service removed if there is one"] : [];
    const gone = removal.gone.map(({ path }) => path);
    const app = goes("app") ? removalCommand() : undefined;
    const plan = { gone, dryRun, ...(app !== undefined && { app }) };
    if (gone.length > 0 || also.length > 0) {
      io.note(dryRun ? "Would be removed:" : "To be removed:");
      const words = ["service", "state", "workspace", "app"].filter((part) => goes(part as "app"));
      const again = `openclaw uninstall ${words.map((word) => `--${word}`).join(" ")} --yes`;
      await agree(removal, { verb: "uninstall", also, yes: yes || dryRun, again }, context);
    }
    if (dryRun) return plan;
    const service = goes("service") ? await removeService(context) : undefined;
    const stopped =
      goes("service") || parts.length > 0 ? (await stopGateway({ disable: false }, context)).running : false;
    const { backup } = await remove(removal, { paths, env, nowMs: Date.now(), signal });
    const name = isRecord(service) && typeof service.service === "string" ? service.service : undefined;
    return {
      ...plan,
      stopped,
      ...(name !== undefined && { service: name }),
      ...(backup && { backup: backup.file }),
    };
  },
  render(done, { io }) {
    const { dryRun, gone, app } = done;
    if (dryRun) io.note("Nothing was changed: this was a dry run.");
    else if ("stopped" in done) {
      if (done.stopped) io.out("Gateway stopped.");
      if (done.service !== undefined) io.out(`Service removed: ${done.service}`);
      else io.out("No service was left to remove.");
      if (gone.length > 0) io.out(`Removed ${gone.length} files and folders.`);
      if (done.backup !== undefined) io.out(`What was there before: ${done.backup}`);
    }
    if (app !== undefined) io.out(`The program itself: ${app}`);
  },
});

/** A machine without a service manager has no service either; every other refusal stops before anything is removed. */
async function removeService(context: CommandContext): Promise<unknown> {
  try {
    return await runSibling("gateway uninstall", {}, context);
  } catch (error) {
    if (error instanceof Fault && error.message.startsWith("No supported service manager")) return undefined;
    throw error;
  }
}
