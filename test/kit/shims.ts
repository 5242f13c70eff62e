import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/tree.ts";

/** A folder of small shell scripts for the front of PATH, each in the place of a program of the machine. */
export function writeShims(folder: string, scripts: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(scripts))
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return folder;
}

/** A machine on which nothing was killed and no supervisor answers. */
export const QUIET = { dmesg: "exit 0", systemctl: "exit 1", loginctl: "exit 1" };

/** A systemd that really starts what units say; see `fake-systemctl.sh`. Its state is in `folder`. */
export function systemdShims(folder: string): Record<string, string> {
  return {
    systemctl: `FAKE_SYSTEMD='${folder}' exec sh '${join(ROOT, "test/kit/fake-systemctl.sh")}' "$@"`,
    loginctl: `cat '${folder}/linger' 2>/dev/null || echo Linger=no`,
  };
}
