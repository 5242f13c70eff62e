import { dirname, join } from "node:path";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { makeFolders, writeFileAtomic } from "../../platform/files.ts";
import { storageFault } from "../../platform/storage-fault.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { defineCommand } from "../command.ts";
import { COMMANDS } from "../commands.gen.ts";
import { completionScript, SHELLS, type Shell } from "../completion/scripts.ts";
import { completionTree } from "../completion/tree.ts";
import { UsageError } from "../usage.ts";

export default defineCommand({
  summary: "Print the script by which a shell completes openclaw's commands",
  description: [
    "Without a name it is for the shell in $SHELL. The script knows the commands of one version: make it anew",
    "after an update.",
  ],
  positionals: { name: { summary: "bash, zsh, fish or powershell", optional: true } },
  options: {
    shell: { type: "choice", values: SHELLS, alias: "s", summary: "the same" },
    install: {
      type: "boolean",
      alias: "i",
      summary: "put it where the shell looks by itself (bash and fish)",
    },
  },
  examples: [
    'eval "$(openclaw completion bash)"',
    "source <(openclaw completion zsh)",
    "openclaw completion fish --install",
  ],
  async run(args, { env, io }) {
    const shell = chooseShell(args.name ?? args.shell, env);
    const script = completionScript(shell, await completionTree(COMMANDS), PRODUCT_VERSION);
    if (!args.install) return io.out(script.trimEnd());
    const file = installedFile(shell, env);
    try {
      makeFolders(dirname(file));
      writeFileAtomic(file, script, { mode: 0o644 });
    } catch (error) {
      throw storageFault({ error, path: file, ours: dirname(file) }) ?? error;
    }
    io.out(`Written: ${file}`);
    io.out("New shells complete openclaw.");
    if (shell === "bash") io.note(`notice: without the package bash-completion, in ~/.bashrc: . ${file}`);
  },
});

function chooseShell(named: string | undefined, env: Env): Shell {
  const wanted = named ?? env.get("SHELL")?.split("/").at(-1) ?? "";
  const found = SHELLS.find((shell) => shell === wanted || (shell === "powershell" && wanted === "pwsh"));
  if (found) return found;
  const what =
    named === undefined ? "which shell is meant cannot be told" : `bad value "${named}" for <shell>`;
  throw new UsageError(`${what}: expected one of ${SHELLS.join(", ")}`, ["completion"]);
}

function installedFile(shell: Shell, { home, get }: Env): string {
  switch (shell) {
    case "bash":
      return join(get("XDG_DATA_HOME") ?? join(home, ".local/share"), "bash-completion/completions/openclaw");
    case "fish":
      return join(get("XDG_CONFIG_HOME") ?? join(home, ".config"), "fish/completions/openclaw.fish");
    default:
      throw new Fault(`${shell} has no folder it looks into by itself`, {
        why: "A line in its profile does it; this program does not edit profiles.",
        fix:
          shell === "zsh"
            ? "echo 'source <(openclaw completion zsh)' >> ~/.zshrc"
            : "openclaw completion powershell | Out-String | Invoke-Expression   # in $PROFILE",
      });
  }
}
