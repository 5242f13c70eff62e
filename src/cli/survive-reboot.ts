import { shellWord } from "../platform/storage-fault.ts";
import { requireManager, type ServiceContext } from "./service-desk.ts";

/** What brings a background gateway back after a reboot: a service where this machine can have one. */
export async function surviveReboot(context: ServiceContext): Promise<string> {
  if (context.env.inContainer)
    return "let the container's entrypoint run it, and give the container a restart policy";
  const hasManager = await requireManager(process.getuid?.() === 0 ? "system" : "user", context).then(
    () => true,
    () => false,
  );
  if (hasManager) return "openclaw gateway install";
  // Cron knows hardly any PATH, so both programs are named in full.
  const command = [process.execPath, process.argv[1]!].map(shellWord).join(" ");
  return `add to crontab -e: @reboot ${command} restart`;
}
