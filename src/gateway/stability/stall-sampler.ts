import type { Worker } from "node:worker_threads";
import type { Clock } from "../../platform/clock.ts";

export interface StallSamplerInput {
  clock: Clock;
  /** Standing still for so long is a stall. */
  stallMs: number;
  /** The functions the main thread was in, innermost first. Told once for each stall, when it is over. */
  onSample(frames: readonly string[]): void;
  /** Rather no samples than trouble. */
  onTrouble(error: Error): void;
}

const BEAT_MS = 200;

/**
 * Looks at the main thread from a second one and, while it stands still, at what it is doing: from inside nobody can.
 * The second thread speaks to the engine directly, no port is opened. It takes some 5 MB, so it is there only for a
 * while after a stall.
 */
export function startStallSampler({ clock, stallMs, onSample, onTrouble }: StallSamplerInput): Disposable {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker: Worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { beats, stallMs, pollMs: BEAT_MS },
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  worker.unref();
  worker.on("message", (frames: readonly string[]) => onSample(frames));
  worker.on("error", onTrouble);
  const beat = clock.every(BEAT_MS, () => void Atomics.add(beats, 0, 1));
  return {
    [Symbol.dispose]() {
      beat[Symbol.dispose]();
      void worker.terminate();
    },
  };
}

/** Plain JavaScript in one piece: it runs in the checkout and in the bundle alike. */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { Session } = require("node:inspector");
const { beats, stallMs, pollMs } = workerData;
const session = new Session();
session.connectToMainThread();
const scripts = new Map();
session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params.url));
session.on("Debugger.paused", ({ params }) => {
  const frames = params.callFrames.slice(0, 12).map(({ functionName, location, url }) => {
    const from = String(url || scripts.get(location.scriptId) || "");
    const file = from.startsWith("node:") ? from : from.split("/").slice(-2).join("/");
    return (functionName || "(anonymous)") + " " + file + ":" + (location.lineNumber + 1);
  });
  session.post("Debugger.resume");
  session.post("Debugger.disable");
  scripts.clear();
  parentPort.postMessage(frames);
});
let seen = -1;
let since = 0;
let asked = false;
setInterval(() => {
  const now = performance.now();
  const beat = Atomics.load(beats, 0);
  if (beat !== seen) {
    [seen, since, asked] = [beat, now, false];
  } else if (!asked && now - since >= stallMs) {
    asked = true;
    session.post("Debugger.enable");
    session.post("Debugger.pause");
  }
}, pollMs);
`;
