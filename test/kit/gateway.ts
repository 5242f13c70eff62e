import { loadConfig } from "../../src/config/load.ts";
import type { GatewayFlags } from "../../src/gateway/settings.ts";
import { type RunningGateway, startGateway } from "../../src/gateway/start.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { readEnv } from "../../src/platform/env.ts";
import { resolvePaths } from "../../src/platform/paths.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "./state.ts";

/** A whole gateway in this process: real port, real files, its own state folder. */
export interface TestGateway extends AsyncDisposable {
  port: number;
  token: string;
  state: StateFolder;
  running: RunningGateway;
  /** Lines the console got. */
  console: string[];
  stop(): Promise<void>;
}

export interface TestGatewayInput {
  config?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  flags?: Partial<GatewayFlags>;
  clock?: Clock;
  /** The port of the config in the place of a free one. */
  portOfConfig?: true;
  /** Continue with the folder of an earlier gateway; whoever made it removes it. */
  state?: StateFolder;
}

export async function openGateway(input: TestGatewayInput = {}): Promise<TestGateway> {
  const state = input.state ?? makeState(localConfig(1, input.config));
  const env = readEnv({ ...state.env, ...input.env });
  const paths = resolvePaths(env);
  const console: string[] = [];
  const running = await startGateway({
    env,
    paths,
    loaded: await loadConfig({ paths, env }),
    // Port 0 is for tests alone, so it comes as a flag: the config does not allow it.
    flags: {
      ...(!input.portOfConfig && { port: 0 }),
      allowUnconfigured: false,
      verbose: true,
      ...input.flags,
    },
    ...(input.clock && { clock: input.clock }),
    console: { write: (line) => void console.push(line), color: false },
  });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await running.stop("gateway stopping");
  };
  return {
    port: running.services.port(),
    token: TOKEN,
    state,
    running,
    console,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (!input.state) state[Symbol.dispose]();
    },
  };
}
