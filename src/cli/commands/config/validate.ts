import { checkConfig } from "../../../config/load.ts";
import { sinceLastGood } from "../../../config/since-last-good.ts";
import { Fault } from "../../../platform/fault.ts";
import { defineCommand } from "../../command.ts";
import { printFault } from "../../report.ts";

export default defineCommand({
  summary: "Check the config file",
  description: ["Exit code 0 when it is valid, else 1. The file is never changed."],
  options: {},
  async run(_args, { paths, env }) {
    const path = paths.configPath;
    const checked = await checkConfig({ paths, env });
    if (!checked.ok) {
      const { message, lines, why } = checked.fault;
      return {
        ok: false,
        valid: false,
        path,
        issues: checked.issues,
        sinceLastGood: checked.issues.length > 0 ? await sinceLastGood({ paths, env }, MAX_DIFF_LINES) : [],
        message: [message, ...lines].join("\n"),
        why,
      };
    }
    const { loaded } = checked;
    const notices = [...loaded.notices];
    if (loaded.exists && loaded.config.gateway?.mode === undefined) {
      notices.push(
        "gateway.mode unset — gateway start will be blocked: openclaw config set gateway.mode local",
      );
    }
    return { ok: true, valid: true, path, exists: loaded.exists, issues: [], notices };
  },
  render({ valid, path, exists, notices = [], message, why, sinceLastGood = [] }, { io }) {
    for (const notice of notices) io.note(`notice: ${notice}`);
    if (!valid) {
      // The usual advice is this very command. Where there is nothing to go back to, only its owner can help.
      const repair = sinceLastGood.length > 0 ? "openclaw doctor --fix" : `"\${EDITOR:-vi}" ${path}`;
      printFault(new Fault(message!, { why, fix: repair }), io);
      if (sinceLastGood.length === 0) return;
      io.note("Since the gateway last ran with it (openclaw config undo puts the version before back):");
      for (const line of sinceLastGood) io.note(`  ${line}`);
      return;
    }
    io.out(exists ? `Config valid: ${path}` : `Config valid: there is none yet (${path})`);
  },
  exitCode: ({ valid }) => (valid ? 0 : 1),
});

/** More would not be read. */
const MAX_DIFF_LINES = 40;
