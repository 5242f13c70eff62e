import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import type { Clock } from "../platform/clock.ts";
import type { AnswerOf, Job, JobMessage, ReplyMessage } from "./thread-jobs.ts";

/**
 * Looks at the config file beside the main thread: a text that is no config can keep its reader busy for seconds. The
 * thread comes with the first job and goes when there has been none for a while, or with the end of its owner.
 */
export interface OffThread extends Disposable {
  /** Rejects with an `Error` when the job takes too long or too much memory, and with `signal.reason`. */
  run<J extends Job>(job: J, signal: AbortSignal): Promise<AnswerOf<J>>;
}

/** A text of the permitted size takes up to ten seconds on a slow machine. */
const DEADLINE_MS = 20_000;
const IDLE_MS = 3_000;
const MAX_HEAP_MB = 512;

export function openOffThread(clock: Clock): OffThread {
  let thread: Thread | undefined;
  let idle: Disposable | undefined;
  let pending = 0;
  let lastId = 0;

  function end(): void {
    idle?.[Symbol.dispose]();
    void thread?.worker.terminate();
    thread = undefined;
  }

  return {
    async run(job, signal) {
      signal.throwIfAborted();
      idle?.[Symbol.dispose]();
      pending++;
      thread ??= startThread();
      const used = thread;
      try {
        return await answerOf(used, { id: ++lastId, job }, clock, signal);
      } catch (error) {
        if (thread === used) end();
        if (!(error instanceof NoThread)) throw error;
        const { doJob } = await import("./thread-jobs.ts");
        return await doJob(job);
      } finally {
        pending--;
        if (pending === 0 && thread) idle = clock.after(IDLE_MS, end);
      }
    },
    [Symbol.dispose]: end,
  };
}

interface Thread {
  worker: Worker;
  /** It has begun to run; before that the system may have none for us. */
  online: boolean;
}

class NoThread extends Error {}

function startThread(): Thread {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: programFile(),
    // What it needs of the environment comes with each job.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  worker.unref();
  worker.setMaxListeners(0);
  // An error without a listener would end the process; who waits for an answer has one of its own.
  worker.on("error", () => {});
  const thread = { worker, online: false };
  worker.once("online", () => {
    thread.online = true;
  });
  return thread;
}

const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
require(workerData).answerJobs(parentPort);
`;

/** In the checkout beside this file; in the bundle a file of its own beside the folder of chunks. */
function programFile(): string {
  const found = ["thread-jobs.ts", "../thread-jobs.cjs", "thread-jobs.cjs"]
    .map((name) => join(import.meta.dirname, name))
    .find(existsSync);
  if (found === undefined) throw new Error("the program of the thread that looks at the config is missing");
  return found;
}

function answerOf<J extends Job>(
  thread: Thread,
  message: JobMessage & { job: J },
  clock: Clock,
  signal: AbortSignal,
): Promise<AnswerOf<J>> {
  const { worker } = thread;
  const { promise, resolve, reject } = Promise.withResolvers<AnswerOf<J>>();
  const onMessage = (reply: ReplyMessage) => {
    if (reply.id !== message.id) return;
    if ("failure" in reply) reject(reply.failure);
    else resolve(reply.answer as AnswerOf<J>);
  };
  const onError = (error: Error) => reject(thread.online ? explained(error) : new NoThread());
  const onExit = () => reject(new Error("the thread that looks at it has ended"));
  const onAbort = () => reject(signal.reason);
  const timer = clock.after(DEADLINE_MS, () =>
    reject(new Error(`looking at it takes more than ${DEADLINE_MS / 1_000} s`)),
  );
  worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  signal.addEventListener("abort", onAbort, { once: true });
  worker.postMessage(message satisfies JobMessage);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", onAbort);
    worker.off("message", onMessage).off("error", onError).off("exit", onExit);
  });
}

function explained(error: Error): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
  return new Error(`looking at it takes more than ${MAX_HEAP_MB} MB of memory`);
}
