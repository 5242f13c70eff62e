import type { Env } from "../platform/env.ts";
import { shellWord } from "../platform/storage-fault.ts";

/** What brings a background gateway back after a reboot; this version installs no service. */
export function surviveReboot({ inContainer }: Pick<Env, "inContainer">): string {
  if (inContainer) return "let the container's entrypoint run it, and give the container a restart policy";
  // Cron knows hardly any PATH, so both programs are named in full.
  const command = [process.execPath, process.argv[1]!].map(shellWord).join(" ");
  return `add to crontab -e: @reboot ${command} restart`;
}
