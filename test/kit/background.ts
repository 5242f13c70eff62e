import { join } from "node:path";
import { isAlive } from "../../src/platform/alive.ts";
import { type Boot, readBoots } from "../../src/platform/boot-ledger.ts";
import { processStartTicks } from "../../src/platform/kernel.ts";
import type { StateFolder } from "./state.ts";

/** Ends, by its pid, the background gateway that a test has made a command start on this state folder. */
export function endBackgroundGateway(state: StateFolder): Disposable {
  return {
    [Symbol.dispose]() {
      const boot = bootsOf(state).at(-1);
      if (boot && isAlive(boot.pid) && processStartTicks(boot.pid) === boot.startTicks)
        process.kill(boot.pid, "SIGKILL");
    },
  };
}

export function bootsOf(state: StateFolder): Boot[] {
  return readBoots({ bootsFile: join(state.dir, "data/boots.jsonl") });
}
