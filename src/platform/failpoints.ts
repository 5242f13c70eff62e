import { Fault } from "./fault.ts";

/** Where a test may make the program fail (reliability.md, failpoints). */
export type Failpoint = "start.beforeListen" | "start.afterListen";

/** Called at the place; does nothing unless the plan names it. */
export type Failpoints = (point: Failpoint) => Promise<void> | undefined;

const KEEP_ALIVE_MS = 60_000;

/**
 * A plan is `point=action`, several separated by commas; actions are `kill`, `throw`, `hang` and `delay(ms)`.
 * Without one every place is passed at once. Throws `Fault` (78): a plan that is not understood tests nothing.
 */
export function readFaultPlan(plan: string | undefined): Failpoints {
  if (plan === undefined) return () => undefined;
  const actions = new Map<string, string>();
  for (const entry of plan.split(",")) {
    const [point = "", action = ""] = entry.trim().split("=", 2);
    actions.set(point, action);
    if (!/^[a-z]+\.[A-Za-z]+$/.test(point) || !/^(kill|throw|hang|delay\(\d{1,6}\))$/.test(action))
      throw new Fault(`OPENCLAW_FAULT_PLAN is not understood: ${point}=${action}`, { exitCode: 78 });
  }
  return (point) => {
    const action = actions.get(point);
    return action === undefined ? undefined : act(action, point);
  };
}

async function act(action: string, point: Failpoint): Promise<void> {
  switch (action) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "throw":
      throw new Error(`failpoint ${point}`);
    case "hang":
      // A promise alone would not keep the process.
      return await new Promise(() => setInterval(() => {}, KEEP_ALIVE_MS));
    default:
      return await new Promise((resolve) => setTimeout(resolve, Number(/\d+/.exec(action)![0])));
  }
}
