import { resetConfig } from "../../../config/reset.ts";
import { PRODUCT_VERSION } from "../../../protocol/version.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Put the config back to its defaults",
  description: [
    "A copy with the time in its name stays beside the file. Paired devices, sessions, the workspace",
    "and a token that a start has saved are left as they are.",
  ],
  options: { yes: { type: "boolean", summary: "accepted for scripts; nothing is asked anyway" } },
  run(_args, { paths, env, name }) {
    return resetConfig({ paths, env, version: PRODUCT_VERSION, author: { kind: "cli" }, command: name });
  },
  render({ path, copy }, { io }) {
    if (copy === undefined) io.out(`Nothing to reset: there is no config at ${path}`);
    else {
      io.out(`Reset ${path} to defaults. Devices and sessions are as they were.`);
      io.out(`The config before: ${copy}`);
    }
    io.out("Next: openclaw setup");
  },
});
