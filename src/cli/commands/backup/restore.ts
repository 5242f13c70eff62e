import { resolve } from "node:path";
import { formatBytes } from "../../backup/format-bytes.ts";
import { restoreBackup } from "../../backup/restore.ts";
import { defineCommand } from "../../command.ts";
import { requireNewEnoughFor } from "../../newer-config.ts";
import { stopGateway } from "../../stop-gateway.ts";

export default defineCommand({
  summary: "Put a backup back in the place of the state that is here",
  description: [
    "Everything is unpacked beside the state and compared with the manifest first; only then files are",
    "exchanged, all or none. What is there now is saved in ~/openclaw-backups before. Logs stay as they are.",
    "No gateway may run, or --stop.",
  ],
  positionals: { file: { summary: "the archive" } },
  options: {
    force: { type: "boolean", summary: "replace what is there, after saving it" },
    stop: { type: "boolean", summary: "stop a running gateway first" },
    originalPlaces: {
      type: "boolean",
      summary: "also put workspaces outside of the state folder where they were",
    },
  },
  examples: ["openclaw backup restore ~/openclaw-backups/openclaw-backup-….tar.gz --force --stop"],
  async run({ file, force, stop, originalPlaces }, context) {
    await requireNewEnoughFor("restore a backup", context);
    const { paths, env, signal } = context;
    const stopped = stop ? await stopGateway({ disable: false }, context) : { running: false };
    const given = { file: resolve(file), force, originalPlaces, nowMs: Date.now() };
    const restored = await restoreBackup({ ...given, paths, env, signal });
    return { ...restored, stateDir: paths.stateDir, stopped: stopped.running };
  },
  render({ about, files, bytes, kept, aside, stateDir, stopped }, { io }) {
    if (stopped) io.out("Gateway stopped.");
    io.out(`Restored ${files} files, ${formatBytes(bytes)}, as of ${about.createdAt}, to ${stateDir}`);
    if (kept) io.out(`What was there before: ${kept.file}`);
    if (aside !== undefined) io.out(`Links and other things no backup takes: ${aside}`);
    io.out("Next: openclaw restart");
  },
});
