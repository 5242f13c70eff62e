import { setTimeout as sleep } from "node:timers/promises";

const WAIT_MS = 10_000;

/** Asks again and again until the answer is neither false nor undefined; for what nobody announces. */
export async function until<T>(what: string, ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(10)) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
  }
  throw new Error(`did not happen within ${WAIT_MS} ms: ${what}`);
}
