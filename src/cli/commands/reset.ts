import { resetConfig } from "../../config/reset.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineCommand } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { requireNewEnoughFor } from "../newer-config.ts";
import { agree } from "../reset/agree.ts";
import { type Part, planRemoval, remove } from "../reset/removal.ts";
import { stopGateway } from "../stop-gateway.ts";
import { UsageError } from "../usage.ts";

const SCOPES = {
  config: ["config"],
  "config+creds": ["config", "credentials"],
  "config+creds+sessions": ["config", "credentials", "sessions"],
  full: ["config", "credentials", "sessions", "state", "workspace"],
} as const satisfies Record<string, readonly Part[]>;

type Scope = keyof typeof SCOPES;

export default defineCommand({
  summary: "Start over: take config, credentials, or everything away, and keep a backup of it",
  description: [
    "config                 the config is empty again; a copy of it stays beside it",
    "config+creds           and token, certificate and paired devices",
    "config+creds+sessions  and the conversations",
    "full                   and logs, history and workspaces: everything of this program in the state folder",
    "All but the first stop a running gateway, and save what goes in ~/openclaw-backups before.",
  ],
  options: {
    scope: { type: "choice", values: Object.keys(SCOPES) as Scope[], required: true, summary: "what goes" },
    yes: { type: "boolean", alias: "y", summary: "do not ask" },
    nonInteractive: { type: "boolean", summary: "never ask; needs --yes" },
    dryRun: { type: "boolean", summary: "say what would go, change nothing" },
  },
  examples: ["openclaw reset --scope config", "openclaw reset --scope full --dry-run"],
  async run({ scope, yes, nonInteractive, dryRun }, context) {
    await requireNewEnoughFor("reset", context);
    const { paths, env, io, signal } = context;
    const removal = await planRemoval(SCOPES[scope], paths, env);
    const shown = { scope, stateDir: paths.stateDir, dryRun, gone: removal.gone.map(({ path }) => path) };
    if (removal.gone.length === 0) return shown;
    io.note(dryRun ? "Would be removed:" : "To be removed:");
    if (dryRun) {
      await agree(removal, { verb: "reset", yes: true, again: "" }, context);
      return shown;
    }
    if (nonInteractive && !yes) throw new UsageError("--non-interactive needs --yes", ["reset"]);
    await agree(removal, { verb: "reset", yes, again: `openclaw reset --scope ${scope} --yes` }, context);
    if (scope === "config") return { ...shown, copy: await onlyConfig(context) };
    const stopped = await stopGateway({ disable: false }, context);
    const { backup } = await remove(removal, { paths, env, nowMs: Date.now(), signal });
    return { ...shown, stopped: stopped.running, ...(backup && { backup: backup.file }) };
  },
  render(done, { io }) {
    const { dryRun, gone, stateDir } = done;
    if (gone.length === 0) io.out(`Nothing to reset in ${stateDir}`);
    else if (dryRun) io.note("Nothing was changed: this was a dry run.");
    else {
      if ("stopped" in done && done.stopped) io.out("Gateway stopped.");
      io.out("Reset is done.");
      if ("copy" in done && done.copy !== undefined) io.out(`The config before: ${done.copy}`);
      if ("backup" in done) io.out(`What was there before: ${done.backup}`);
    }
    if (!dryRun) io.out("Next: openclaw setup");
  },
});

/** The same as `config reset`: a gateway may run, and what was there stays beside the file. */
async function onlyConfig({ paths, env, name }: CommandContext): Promise<string | undefined> {
  const author = { kind: "cli" } as const;
  const { copy } = await resetConfig({ paths, env, version: PRODUCT_VERSION, author, command: name });
  return copy;
}
