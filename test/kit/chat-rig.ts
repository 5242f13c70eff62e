import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCooldowns } from "../../src/agent/cooldowns.ts";
import type { ModelCall, ProviderEvent } from "../../src/agent/provider.ts";
import { openWindows } from "../../src/agent/window.ts";
import { configuredAgents } from "../../src/config/agents.ts";
import type { Config } from "../../src/config/schema.ts";
import type { AccountStatus } from "../../src/gateway/channels/desk.ts";
import { openChannelDesk } from "../../src/gateway/channels/open-desk.ts";
import type { SafeMode } from "../../src/gateway/safe-mode.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Env } from "../../src/platform/env.ts";
import type { Failpoint } from "../../src/platform/failpoints.ts";
import type { Log, LogSink } from "../../src/platform/log.ts";
import type { Paths } from "../../src/platform/paths.ts";
import type { Database } from "../../src/platform/sqlite.ts";
import { textOf } from "../../src/protocol/messages.ts";
import { openJournal } from "../../src/sessions/journal.ts";
import { openModelCalls } from "../../src/sessions/model-calls.ts";
import { openSessionStore } from "../../src/sessions/store.ts";
import { openLanes } from "../../src/turn/lanes.ts";
import type { TurnOutcome } from "../../src/turn/outcome.ts";
import { recoverTurns } from "../../src/turn/recover.ts";
import type { TurnServices } from "../../src/turn/services.ts";
import { openRunWaits } from "../../src/turn/waits.ts";
import { type HandClock, handClock } from "./clock.ts";
import type { LoopbackPlatform } from "./loopback.ts";

export interface LogLine {
  level: string;
  subsystem: string;
  message: string;
  fields: Record<string, unknown>;
}

/** What is kept over the ends of gateways: the folder, the clock, the models' memory. */
export interface ChatWorld extends Disposable {
  clock: HandClock;
  /** Every call of the model, as it was asked. */
  calls: ModelCall[];
  lines: LogLine[];
  open(input?: RigInput): ChatRig;
}

export interface RigInput {
  config?: Config;
  /** Dies there: nothing of it is written or sent any more. */
  dieAt?: DeathPoint;
  onDeath?: () => void;
  answer?: (asked: string) => string | Promise<string>;
  safeMode?: SafeMode;
}

/** A failpoint, or a transaction of the database; the n-th time it is passed, from 1. */
export interface DeathPoint {
  at: Failpoint | "before-commit" | "after-commit";
  nth: number;
}

/** The chat core of one gateway in this process: store, turns and channels, a model that answers as it is told. */
export interface ChatRig extends AsyncDisposable {
  desk: ReturnType<typeof openChannelDesk>;
  turns: TurnServices;
  config: Config;
  status(): AccountStatus;
  isDead(): boolean;
}

/** Memory where there is such a folder: what is tested here is the end of a process, not of the power. */
const TEMP = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export function openChatWorld(platforms: readonly LoopbackPlatform[]): ChatWorld {
  const dir = mkdtempSync(join(TEMP, "openclaw-chat-"));
  const clock = handClock();
  const world: ChatWorld = {
    clock,
    calls: [],
    lines: [],
    open: (input = {}) => openRig(world, dir, platforms, input),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
  return world;
}

/** Everybody may write, so that a test that is about something else needs no policy. */
export const OPEN: Config = { channels: { loopback: { dmPolicy: "open", groupPolicy: "open" } } };

function openRig(
  world: ChatWorld,
  dir: string,
  platforms: readonly LoopbackPlatform[],
  { config = OPEN, dieAt, onDeath, answer = (asked) => `re: ${asked}`, safeMode }: RigInput,
): ChatRig {
  /** Whose process is gone, his timers are as well. */
  const clock: Clock = {
    ...world.clock,
    after: (ms, fn) => world.clock.after(ms, () => !dead && fn()),
    every: (ms, fn) => world.clock.every(ms, () => !dead && fn()),
  };
  const paths = { sendersDb: join(dir, "senders.sqlite"), workspaceDir: join(dir, "workspace") } as Paths;
  let dead = false;
  let passed = 0;

  function die(): never {
    dead = true;
    for (const platform of platforms) platform.cut();
    store[Symbol.dispose]();
    onDeath?.();
    throw new Error("killed");
  }
  function hit(point: DeathPoint["at"]): void {
    if (dead || dieAt?.at !== point || ++passed < dieAt.nth) return;
    die();
  }

  const store = openSessionStore(join(dir, "sessions.sqlite"), clock);
  const { database } = store;
  const inner = database.transaction.bind(database);
  let depth = 0;
  (database as { transaction: Database["transaction"] }).transaction = (body, options) => {
    if (dead) throw new Error("killed");
    const outer = depth === 0;
    if (outer) hit("before-commit");
    depth++;
    try {
      return inner(body, options);
    } finally {
      depth--;
      if (outer) hit("after-commit");
    }
  };

  const journal = openJournal(store, clock);
  const rig = { config };
  const turns: TurnServices = {
    clock,
    failpoint: hit,
    log: logTo(world, "turn"),
    store,
    journal,
    lanes: openLanes<TurnOutcome>(16),
    publish: () => {},
    waits: openRunWaits(clock),
    onChange: () => {},
    gate: () => ({ shuttingDown: dead, openTurns: 0, maxOpenTurns: 1_000, memoryShort: false }),
    onEnd: () => {},
    onReply: () => !dead && desk.pump(),
    agents: () => configuredAgents(rig.config, paths),
    chooseModel: async () => ({
      targets: [{ provider: "test", model: "m", api: "test", baseUrl: "" }],
      unusable: [],
    }),
    cooldowns: openCooldowns(clock),
    windows: openWindows(),
    modelCalls: openModelCalls(database),
    provider: () => ({ api: "test", call: (call) => reply(call) }),
    toolsOf: () => [],
    childEnv: {},
    workspaceFiles: () => [],
    timeZone: "UTC",
  };

  async function* reply(call: ModelCall): AsyncGenerator<ProviderEvent> {
    world.calls.push({ ...call, messages: [...call.messages] });
    const text = await answer(askedOf(call));
    for (const delta of text.match(/[\s\S]{1,40}/g) ?? []) yield { kind: "text", delta };
    yield { kind: "finish", reason: "stop" };
  }

  const desk = openChannelDesk({
    clock,
    env: { variables: () => ({}) } as Env,
    paths,
    sink: { log: logTo(world, "gateway"), addSecret: () => {} } as unknown as LogSink,
    turns,
    safeMode,
    failpoint: hit,
    config: () => rig.config,
    onChange: () => {},
    channels: platforms.map(({ channel }) => channel),
    random: () => 1,
  });
  recoverTurns(turns);
  void desk.apply();

  return Object.assign(rig, {
    desk,
    turns,
    status: () => desk.accounts()[0]!,
    isDead: () => dead,
    async [Symbol.asyncDispose]() {
      if (dead) return;
      await desk[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  });
}

/** What the person of the last message has typed. */
export function askedOf({ messages }: ModelCall): string {
  const last = messages.findLast(({ role }) => role === "user");
  return last ? textOf(last).split("\n\n[About this message")[0]! : "";
}

function logTo({ lines }: ChatWorld, subsystem: string): Log {
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, subsystem, message, fields });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (name) => logTo({ lines } as ChatWorld, name),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
}
