import { Fault } from "./fault.ts";

/** Where a test may make the program fail (reliability.md, failpoints). */
export type Failpoint =
  | "start.beforeListen"
  | "start.afterListen"
  /** A message is read and admitted, and nothing of it is on disk. */
  | "ingress.afterRead"
  /** It is on disk, and its sender does not know. */
  | "ingress.afterCommit"
  /** It waits in its lane, and its sender does not know. */
  | "ingress.beforeAck"
  | "run.afterStart"
  | "run.midStream"
  | "run.afterToolIntent"
  | "run.afterToolResult"
  /** The end of a turn is on disk, and nobody was told. */
  | "run.afterFinalCommit"
  /** A row of the outbox is marked as being sent, and nothing has gone out. */
  | "outbox.beforeSend"
  /** The platform has it, and that is not on disk. */
  | "outbox.afterSendBeforeReceipt";

/** Both are called at the place and do nothing unless the plan names it. */
export interface Failpoints {
  /** For places that can wait. */
  pass(point: Failpoint): Promise<void> | undefined;
  /** For places inside of one synchronous step; here `hang` and `delay` keep the main thread busy. */
  hit(point: Failpoint): void;
}

const KEEP_ALIVE_MS = 60_000;
const ENTRY = /^([a-z]+\.[A-Za-z]+)=(kill|throw|hang|delay\((\d{1,6})\))(?:@(\d{1,6}))?$/;

interface Action {
  kind: "kill" | "throw" | "hang" | "delay";
  ms: number;
  /** How often the place is still to be passed unharmed. */
  spared: number;
}

export const NO_FAILPOINTS: Failpoints = { pass: () => undefined, hit: () => {} };

/**
 * A plan is `point=action`, several separated by commas; actions are `kill`, `throw`, `hang` and `delay(ms)`, and with
 * `@n` it is the n-th time that counts. Without one every place is passed at once. Throws `Fault` (78): a plan that is
 * not understood tests nothing.
 */
export function readFaultPlan(plan: string | undefined): Failpoints {
  if (plan === undefined) return NO_FAILPOINTS;
  const actions = new Map<string, Action>();
  for (const entry of plan.split(",")) {
    const [, point, action = "", ms, nth] = ENTRY.exec(entry.trim()) ?? [];
    if (point === undefined)
      throw new Fault(`OPENCLAW_FAULT_PLAN is not understood: ${entry.trim()}`, { exitCode: 78 });
    const kind = action.replace(/\(.*/, "") as Action["kind"];
    actions.set(point, { kind, ms: Number(ms), spared: Number(nth ?? 1) - 1 });
  }
  /** Each action happens once. */
  function due(point: Failpoint): Action | undefined {
    const action = actions.get(point);
    if (!action || action.spared-- > 0) return undefined;
    actions.delete(point);
    return action;
  }
  return {
    pass(point) {
      const action = due(point);
      return action && act(action, point);
    },
    hit(point) {
      const action = due(point);
      if (action) actAtOnce(action, point);
    },
  };
}

async function act(action: Action, point: Failpoint): Promise<void> {
  switch (action.kind) {
    case "hang":
      // A promise alone would not keep the process.
      return await new Promise(() => setInterval(() => {}, KEEP_ALIVE_MS));
    case "delay":
      return await new Promise((resolve) => setTimeout(resolve, action.ms));
    default:
      actAtOnce(action, point);
  }
}

function actAtOnce({ kind, ms }: Action, point: Failpoint): void {
  switch (kind) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "throw":
      throw new Error(`failpoint ${point}`);
    default:
      for (const end = kind === "hang" ? Infinity : performance.now() + ms; performance.now() < end; );
  }
}
