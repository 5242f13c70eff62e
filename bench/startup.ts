import type { Figure } from "./figure.ts";
import { cpuMs, freePort, median, rssMb, sleep, startBare, startGateway } from "./process.ts";

const ROUNDS = 9;
const IDLE_MS = 3_000;
/** V8 tidies its heap once, about eight seconds after the start; idle begins after that. */
const TIDY_MS = 9_000;
const CPU_WINDOW_MS = 10_000;

/** Ready, resident memory and idle CPU, each round measured side by side with the bare server. */
export async function benchStartup(): Promise<Figure[]> {
  const ours: number[] = [];
  const first: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using gateway = await startGateway();
    ours.push(gateway.readyMs);
    await using fresh = await startGateway({ firstStart: true });
    first.push(fresh.readyMs);
    await using plain = await startBare(await freePort());
    bare.push(plain.readyMs);
  }

  await using gateway = await startGateway();
  await using plain = await startBare(await freePort());
  await sleep(IDLE_MS);
  const memory = { ours: rssMb(gateway.pid), bare: rssMb(plain.pid) };
  await sleep(TIDY_MS);
  const before = cpuMs(gateway.pid);
  await sleep(CPU_WINDOW_MS);
  const cpuPercent = ((cpuMs(gateway.pid) - before) / CPU_WINDOW_MS) * 100;

  return [
    {
      name: "ready",
      value: median(ours),
      unit: "ms",
      against: median(bare),
      limit: { kind: "at most", ratio: 1.5 },
    },
    {
      name: "ready, the very first start",
      value: median(first),
      unit: "ms",
      against: median(bare),
      limit: { kind: "at most", ratio: 1.5 },
    },
    {
      name: "idle memory after 3 s",
      value: memory.ours,
      unit: "MB",
      against: memory.bare,
      limit: { kind: "at most", ratio: 1.15, value: 70 },
    },
    { name: "idle CPU over 10 s", value: cpuPercent, unit: "%", limit: { kind: "at most", value: 0.3 } },
  ];
}
