import type { Figure } from "./figure.ts";
import { environment, LAUNCHER, median, startGateway, timeProcess } from "./process.ts";

const ROUNDS = 15;

/** Whole commands against `node -e 0`, in turns so that noise hits both alike. */
export async function benchCli(): Promise<Figure[]> {
  await using gateway = await startGateway();
  const env = environment(gateway.state);
  const commands = [
    { words: ["--version"], limit: 2 },
    { words: ["--help"], limit: 2 },
    { words: ["status"], limit: 5 },
    { words: ["health"], limit: 5 },
  ].map((command) => ({ ...command, times: [] as number[] }));
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    empty.push(await timeProcess(["-e", "0"]));
    for (const { words, times } of commands) times.push(await timeProcess([LAUNCHER, ...words], env));
  }
  return commands.map(({ words, times, limit }) => ({
    name: `openclaw ${words.join(" ")}`,
    value: median(times),
    unit: "ms",
    against: median(empty),
    limit: { kind: "at most", ratio: limit },
  }));
}
