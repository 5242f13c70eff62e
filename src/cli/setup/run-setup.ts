import { Fault } from "../../platform/fault.ts";
import type { CommandContext } from "../context.ts";
import { requireNewEnoughFor } from "../newer-config.ts";
import { runSibling } from "../sibling-command.ts";
import type { Section } from "./sections.ts";
import type { Wishes } from "./wishes.ts";
import { printSetup, type SetupResult, writeSetup } from "./write-setup.ts";

export interface SetupInput {
  wishes: Wishes;
  service: boolean;
  /** Undefined: ask nothing. */
  sections?: readonly Section[];
  title: string;
}

export interface SetupDone extends SetupResult {
  /** The service that starts it is installed now. */
  installed: boolean;
  /** Why there is none although one was wished. */
  noService?: string;
}

const INSTALL = "gateway install";

/** Someone sits at the keyboard and sees what is asked. */
export function isAttended({ io }: Pick<CommandContext, "io">): boolean {
  return process.stdin.isTTY === true && io.terminal;
}

export async function runSetup(input: SetupInput, context: CommandContext): Promise<SetupDone> {
  const { wishes, service } = input.sections ? await asked(input, input.sections, context) : input;
  const result = await writeSetup(wishes, context);
  if (!service) return { ...result, installed: false };
  try {
    await runSibling(INSTALL, {}, context);
    return { ...result, installed: true };
  } catch (error) {
    // The config is good as it is; what keeps a service from running is another matter.
    if (!(error instanceof Fault)) throw error;
    return { ...result, installed: false, noService: error.message };
  }
}

async function asked(
  { title }: SetupInput,
  sections: readonly Section[],
  context: CommandContext,
): Promise<{ wishes: Wishes; service: boolean }> {
  await requireNewEnoughFor("change the config", context);
  const { env, paths } = context;
  const { config } = await context.config();
  const { ask } = await import("./ask.ts");
  const offersService = await canInstallService(context);
  // The keyboard is read key by key while something is asked, so that Ctrl-C is an answer and no signal.
  const { signal } = new AbortController();
  return ask({ config, env, paths, sections, signal, title, offersService });
}

/** What could not be done is not offered. */
async function canInstallService(context: CommandContext): Promise<boolean> {
  if (context.env.inContainer) return false;
  const { requireManager } = await import("../service-desk.ts");
  try {
    await requireManager("user", context);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

export function printDone(done: SetupDone, context: CommandContext): void {
  const { installed, noService } = done;
  printSetup(done, context);
  if (noService !== undefined) {
    context.io.note(`notice: no service was installed: ${noService}`);
    context.io.note("notice: why, and what else there is: openclaw gateway install");
  }
  const start = installed ? "openclaw status" : "openclaw start";
  context.io.out(`Next: ${done.mode === "remote" ? "openclaw status" : start}`);
}
