import type { LoadedConfig } from "../../config/load.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Env } from "../../platform/env.ts";
import type { Paths } from "../../platform/paths.ts";
import type { EngineInput } from "./engine.ts";
import { type Reload, type ReloadStatus, reloadMode } from "./status.ts";

export interface ReloadControl extends Reload {
  /** Begins to follow the file; what it takes is loaded behind the boot. */
  start(input: Omit<EngineInput, "onStatus" | "onApplied">): void;
}

interface ReloadInput {
  clock: Clock;
  paths: Paths;
  env: Env;
}

/** The reload as the rest of the gateway knows it, from before the first config is served until the end. */
export function openReload(loaded: LoadedConfig, { clock, ...input }: ReloadInput): ReloadControl {
  const mode = reloadMode(loaded.config);
  let status: ReloadStatus = {
    mode,
    state: mode === "off" ? "off" : "current",
    appliedHash: loaded.hash,
    appliedAt: clock.now(),
  };
  let announced = loaded.hash;
  let announce = (_hash: string, _isOther = false) => {};
  let poke = () => {};
  let view: Reload["view"] = async (secrets) => {
    const { viewOfFile } = await import("../../config/file-view.ts");
    return await viewOfFile(input, secrets());
  };

  return {
    status: () => status,
    view: (secrets) => view(secrets),
    wrote(hash) {
      announce(hash);
      poke();
    },
    start(input) {
      announce = (hash, isOther = false) => {
        if (hash === announced && !isOther) return;
        announced = hash;
        input.services.broadcast.configChanged({ path: loaded.path, hash, ts: clock.now() });
      };
      input.scope.spawn("config reload", async () => {
        const { startEngine } = await import("./engine.ts");
        const engine = startEngine({
          ...input,
          onStatus(next) {
            status = next;
            // What is wrong with the file is shown wherever the gateway's troubles are.
            input.services.selfCheck.changed();
          },
          onApplied: (hash, isOther) => announce(hash, isOther),
        });
        ({ poke, view } = engine);
      });
    },
  };
}
