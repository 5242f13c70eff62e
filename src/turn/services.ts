import type { Cooldowns } from "../agent/cooldowns.ts";
import type { ModelChain } from "../agent/models.ts";
import type { Provider } from "../agent/provider.ts";
import type { AnyTool } from "../agent/tool.ts";
import type { Windows } from "../agent/window.ts";
import type { WorkspaceCaps, WorkspaceFile } from "../agent/workspace.ts";
import type { ConfiguredAgent } from "../config/agents.ts";
import type { Clock } from "../platform/clock.ts";
import type { Failpoints } from "../platform/failpoints.ts";
import type { Log } from "../platform/log.ts";
import type { Journal } from "../sessions/journal.ts";
import type { ModelCalls } from "../sessions/model-calls.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { Gate } from "./admit.ts";
import type { Lanes } from "./lanes.ts";
import type { Dropped, TurnOutcome } from "./outcome.ts";
import type { Publish } from "./stream.ts";
import type { RunWaits } from "./waits.ts";

/** Everything a turn uses, handed in by the gateway. */
export interface TurnServices {
  clock: Clock;
  /** For tests; see `platform/failpoints.ts`. */
  failpoint: Failpoints["hit"];
  log: Log;
  store: SessionStore;
  journal: Journal;
  lanes: Lanes<TurnOutcome>;
  publish: Publish;
  waits: RunWaits;
  /** The session's row looks different now: `send` on acceptance, then the phases of the run. */
  onChange(sessionKey: string, change: { reason: "send" | "start" | "end"; runId: string }): void;
  gate(): Gate;
  /** Told how every message ended, also one that was not taken. */
  onEnd(end: TurnOutcome | Dropped): void;
  agents(): readonly ConfiguredAgent[];
  /** The model of this turn; `override` is a reference "provider/model". Throws a Fault when it cannot be used. */
  chooseModel(agent: ConfiguredAgent, override: string | undefined): Promise<ModelChain>;
  cooldowns: Cooldowns;
  windows: Windows;
  modelCalls: ModelCalls;
  provider(api: string): Provider | undefined;
  /** What this agent may use, after all policies. */
  toolsOf(agent: ConfiguredAgent): readonly AnyTool[];
  childEnv: Readonly<Record<string, string>>;
  /** Instructions the owner keeps in the agent's workspace; made on first use. */
  workspaceFiles(dir: string, caps?: WorkspaceCaps): readonly WorkspaceFile[];
  timeZone: string;
}
