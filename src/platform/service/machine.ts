import type { Env } from "../env.ts";
import { Fault } from "../fault.ts";
import { type Host, systemHost } from "../host.ts";

/** The machine as far as services are concerned. Handed in, so that a test can be any machine. */
export interface ServiceMachine {
  platform: NodeJS.Platform;
  env: Env;
  host: Host;
  /** Of this process; undefined on Windows. */
  uid: number | undefined;
  user: string;
  /** What the system knows of the account, whatever HOME says. */
  accountHome: string;
  /** Never throws: a program that is missing is an answer too. */
  run(command: string, args: readonly string[]): Promise<Ran>;
}

export interface Ran {
  /** null: it could not be started, or was ended by a signal or by the deadline. */
  exitCode: number | null;
  /** Both streams. */
  output: string;
}

/** A supervisor waits for the gateway to end before it answers, at most `TimeoutStopSec`. */
const RUN_MS = 60_000;
const MAX_OUTPUT_BYTES = 200_000;

export function serviceMachine(env: Env, signal = new AbortController().signal): ServiceMachine {
  const { homedir, username } = account();
  const uid = process.getuid?.();
  return {
    ...{ platform: process.platform, env, uid, user: username, accountHome: homedir },
    host: systemHost(env),
    async run(command, args) {
      const { runChild } = await import("../spawn.ts");
      try {
        const { exitCode, output } = await runChild({
          ...{ command, args, cwd: "/", signal, timeoutMs: RUN_MS, maxOutputBytes: MAX_OUTPUT_BYTES },
          env: { ...env.childEnv(), ...busOf(uid) },
        });
        return { exitCode, output: output.trim() };
      } catch (error) {
        return { exitCode: null, output: (error as Error).message };
      }
    },
  };

  /** From cron, or after `su`, nobody has said where the supervisor of the account listens. */
  function busOf(uid: number | undefined): Record<string, string> {
    if (process.platform !== "linux" || env.get("XDG_RUNTIME_DIR") !== undefined) return {};
    const folder = `/run/user/${uid}`;
    return process.getBuiltinModule("node:fs").existsSync(folder) ? { XDG_RUNTIME_DIR: folder } : {};
  }
}

/** A container may run as a user no file knows; such a one has no home and gets no service. */
function account(): { homedir: string; username: string } {
  try {
    return process.getBuiltinModule("node:os").userInfo();
  } catch {
    return { homedir: "", username: String(process.getuid?.() ?? "") };
  }
}

/** For what has to work. Throws the supervisor's own words as a `Fault`. */
export async function must(
  machine: ServiceMachine,
  command: readonly [string, ...string[]],
  fix: string,
): Promise<string> {
  const [program, ...args] = command;
  const { exitCode, output } = await machine.run(program, args);
  if (exitCode === 0) return output;
  const ended = exitCode === null ? "did not end by itself" : `ended with exit code ${exitCode}`;
  throw new Fault(`the service manager refused: ${command.join(" ")}`, {
    lines: output === "" ? [] : output.split("\n").slice(0, 10),
    why: `${program} ${ended}.`,
    fix,
  });
}
