import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { LAUNCHER } from "./process.ts";
import type { StateFolder } from "./state.ts";

/** A command in a pseudo-terminal of its own, as a person has it. */
export interface Terminal extends AsyncDisposable {
  /** Everything printed so far, without colours and cursor movements. */
  text(): string;
  type(keys: string): void;
  /** Waits until the text fits; only what was printed after the last match counts. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<number | null>;
}

const SCRIPT = "/usr/bin/script";
const WAIT_MS = 20_000;

/** Part of util-linux, which Debian cannot do without; others may lack it. */
export const noTerminal: string | false = existsSync(SCRIPT) ? false : "script (util-linux) is not installed";

export function openTerminal(args: readonly string[], state: StateFolder): Terminal {
  const quoted = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn(SCRIPT, ["-qefc", `stty cols 100 rows 40; exec ${quoted}`, "/dev/null"], {
    env: { ...state.env, TERM: "xterm-256color" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let printed = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    printed += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const text = () => stripVTControlCharacters(printed).replaceAll("\r", "");
  return {
    text,
    ended,
    type: (keys) => void child.stdin.write(keys),
    async shows(pattern) {
      const deadline = performance.now() + WAIT_MS;
      while (performance.now() < deadline) {
        const match = pattern.exec(text().slice(seen));
        if (match) {
          seen += match.index + match[0].length;
          return match;
        }
        await sleep(20);
      }
      throw new Error(`never shown: ${pattern}; shown: ${text().slice(seen)}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      child.stdin.destroy();
      await ended;
    },
  };
}
