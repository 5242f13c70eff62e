/** One turn at a time per session, in order of arrival; different sessions run side by side up to a cap. */
export interface Lanes<Outcome> {
  /** `run` gets a signal that aborts it; it is called even when the turn was aborted while waiting. */
  enqueue(turn: QueuedTurn<Outcome>): Promise<Outcome>;
  /** Waiting turns that asked to be steered into `intoRunId`; each leaves the lane with what `merge` returns. */
  takeSteered(lane: string, intoRunId: string): QueuedTurn<Outcome>[];
  /** Waiting turns that asked to be collected and come right behind the one that begins; taken as above. */
  takeCollected(lane: string, intoRunId: string): QueuedTurn<Outcome>[];
  /** Aborts one run, or the running and waiting ones of a lane. Returns the run ids it reached. */
  abort(lane: string, runId: string | undefined, reason: unknown): string[];
  abortAll(reason: unknown): void;
  activeRunIds(lane: string): string[];
  /** Turns waiting or running. */
  size(): number;
  running(): number;
  /** One entry per lane with work, for diagnostics. */
  depths(): { lane: string; active: number; waiting: number }[];
  /** Resolves when nothing waits or runs. */
  drained(): Promise<void>;
}

export interface QueuedTurn<Outcome> {
  lane: string;
  runId: string;
  run(signal: AbortSignal): Promise<Outcome>;
  /** Keeps the turn, and what comes after it in its lane, waiting until it settles; it takes no place of others. */
  startWhen?: Promise<void>;
  /** Whether it may join a run that is going on, or one that begins before it. */
  joins?: "steer" | "collect";
  /** Present with it: returns the outcome of having joined. */
  merge?: (intoRunId: string) => Outcome;
}

interface Entry<Outcome> {
  turn: QueuedTurn<Outcome>;
  abort: AbortController;
  /** Its time has not come; an abort ends that as well. */
  held: boolean;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

interface Lane<Outcome> {
  active: Entry<Outcome> | undefined;
  waiting: Entry<Outcome>[];
}

export function openLanes<Outcome>(maxConcurrent: number): Lanes<Outcome> {
  const lanes = new Map<string, Lane<Outcome>>();
  /** Lanes with work whose turn it is as soon as one of the `maxConcurrent` places is free. */
  const ready: string[] = [];
  let running = 0;
  let open = 0;
  let onDrained: (() => void)[] = [];

  function pump(): void {
    while (running < maxConcurrent && ready.length > 0) {
      const name = ready.shift()!;
      const lane = lanes.get(name);
      const entry = lane?.active || lane?.waiting[0]?.held ? undefined : lane?.waiting.shift();
      if (lane && entry) void start(name, lane, entry);
    }
  }

  async function start(name: string, lane: Lane<Outcome>, entry: Entry<Outcome>): Promise<void> {
    lane.active = entry;
    running++;
    try {
      entry.resolve(await entry.turn.run(entry.abort.signal));
    } catch (error) {
      entry.reject(error);
    }
    running--;
    lane.active = undefined;
    if (lane.waiting.length > 0) ready.push(name);
    else lanes.delete(name);
    leave();
    pump();
  }

  function free(name: string, entry: Entry<Outcome>): void {
    if (!entry.held) return;
    entry.held = false;
    const lane = lanes.get(name);
    if (lane?.waiting[0] === entry && !lane.active) ready.push(name);
    pump();
  }

  function leave(): void {
    open--;
    if (open > 0) return;
    for (const resolve of onDrained) resolve();
    onDrained = [];
  }

  function take(
    name: string,
    intoRunId: string,
    choose: (waiting: Entry<Outcome>[]) => Entry<Outcome>[],
  ): QueuedTurn<Outcome>[] {
    const lane = lanes.get(name);
    if (!lane) return [];
    const taken = choose(lane.waiting).filter(({ turn, abort }) => turn.merge && !abort.signal.aborted);
    lane.waiting = lane.waiting.filter((entry) => !taken.includes(entry));
    for (const entry of taken) {
      entry.resolve(entry.turn.merge!(intoRunId));
      leave();
    }
    return taken.map((entry) => entry.turn);
  }

  return {
    enqueue(turn) {
      return new Promise((resolve, reject) => {
        const lane = lanes.get(turn.lane) ?? { active: undefined, waiting: [] };
        lanes.set(turn.lane, lane);
        const entry = {
          turn,
          abort: new AbortController(),
          held: turn.startWhen !== undefined,
          resolve,
          reject,
        };
        lane.waiting.push(entry);
        if (turn.startWhen) {
          const go = () => free(turn.lane, entry);
          turn.startWhen.then(go, go);
          entry.abort.signal.addEventListener("abort", go, { once: true });
        }
        open++;
        if (!lane.active) ready.push(turn.lane);
        // Not in this very call: whoever enqueued acknowledges first, then the run's events follow.
        queueMicrotask(pump);
      });
    },
    takeSteered: (name, intoRunId) =>
      take(name, intoRunId, (waiting) => waiting.filter(({ turn }) => turn.joins === "steer")),
    takeCollected: (name, intoRunId) =>
      take(name, intoRunId, (waiting) => {
        const end = waiting.findIndex(({ turn }) => turn.joins !== "collect");
        return end < 0 ? waiting : waiting.slice(0, end);
      }),
    abort(name, runId, reason) {
      const lane = lanes.get(name);
      if (!lane) return [];
      const reached = [lane.active, ...lane.waiting].filter(
        (entry): entry is Entry<Outcome> =>
          entry !== undefined && (runId === undefined || entry.turn.runId === runId),
      );
      for (const entry of reached) entry.abort.abort(reason);
      return reached.map((entry) => entry.turn.runId);
    },
    abortAll(reason) {
      for (const lane of lanes.values()) {
        for (const entry of [lane.active, ...lane.waiting]) entry?.abort.abort(reason);
      }
    },
    activeRunIds(name) {
      const active = lanes.get(name)?.active;
      return active ? [active.turn.runId] : [];
    },
    size: () => open,
    running: () => running,
    depths: () =>
      [...lanes].map(([lane, { active, waiting }]) => ({
        lane,
        active: active ? 1 : 0,
        waiting: waiting.length,
      })),
    drained: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => onDrained.push(resolve))),
  };
}
