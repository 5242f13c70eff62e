import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figure.ts";
import { environment, freePort, LAUNCHER, median, startGateway, timeProcess } from "./process.ts";

const ROUNDS = 15;

/** Whole commands against `node -e 0`, in turns so that noise hits both alike. */
export async function benchCli(): Promise<Figure[]> {
  await using gateway = await startGateway();
  using nobody = mkdtempDisposableSync(join(tmpdir(), "openclaw-bench-"));
  const config = { gateway: { mode: "local", port: await freePort() } };
  writeFileSync(join(nobody.path, "openclaw.json"), JSON.stringify(config));
  const env = environment(gateway.state);
  const alone = environment(nobody.path);
  const commands = [
    { words: ["--version"], limit: 2 },
    { words: ["--help"], limit: 2 },
    { words: ["status"], limit: 5 },
    { words: ["health"], limit: 5 },
    { words: ["gateway", "status"], limit: 5 },
    { words: ["status"], limit: 8, env: alone, exit: 1, note: ", nothing listens" },
  ].map((command) => ({ ...command, times: [] as number[] }));
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    empty.push(await timeProcess(["-e", "0"]));
    for (const { words, times, env: own = env, exit } of commands)
      times.push(await timeProcess([LAUNCHER, ...words], own, exit));
  }
  return commands.map(({ words, times, limit, note = "" }) => ({
    name: `openclaw ${words.join(" ")}${note}`,
    value: median(times),
    unit: "ms",
    against: median(empty),
    limit: { kind: "at most", ratio: limit },
  }));
}
