import assert from "node:assert/strict";
import { test } from "node:test";
import { followLog } from "./follow-log.ts";
import type { LogSource } from "./log-source.ts";

/** A log both sources see, and a gateway that can go away. */
function logOf(lines: string[]) {
  let up = true;
  const source = (name: string, isUp: () => boolean): LogSource => {
    let at = 0;
    const rest = (from: number) => {
      if (!isUp()) return undefined;
      at = lines.length;
      return lines.slice(from);
    };
    return {
      name,
      newest: async (limit) => rest(Math.max(0, lines.length - limit)),
      next: async () => rest(at),
    };
  };
  const gateway = source("gateway", () => up);
  return {
    write: (...more: string[]) => lines.push(...more),
    setUp: (value: boolean) => {
      up = value;
    },
    connect: async () => (up ? gateway : undefined),
    files: source("files", () => true),
  };
}

test("without follow there is one batch", async () => {
  const log = logOf(["a", "b", "c"]);
  const batches = followLog({
    ...log,
    limit: 2,
    follow: false,
    signal: new AbortController().signal,
    onSource() {},
  });
  const seen: (readonly string[])[] = [];
  for await (const batch of batches) seen.push(batch);
  assert.deepEqual(seen, [["b", "c"]]);
});

test("a gateway that stops and comes back costs no line and shows none twice", async () => {
  const log = logOf(["a", "b"]);
  const stop = new AbortController();
  const sources: string[] = [];
  const seen: string[] = [];
  const script = [
    () => log.write("c"),
    () => {
      log.write("d");
      log.setUp(false);
    },
    () => log.write("e"),
    () => {
      log.write("f");
      log.setUp(true);
    },
    () => log.write("g"),
    () => stop.abort(),
  ];
  const onSource = (name: string) => void sources.push(name);
  for await (const batch of followLog({
    ...log,
    limit: 1,
    follow: true,
    signal: stop.signal,
    onSource,
    pollMs: 1,
  })) {
    seen.push(...batch);
    script.shift()?.();
  }
  assert.deepEqual(seen, ["b", "c", "d", "e", "f", "g"]);
  assert.deepEqual(sources, ["gateway", "files", "gateway"]);
});

test("without files of its own it waits for the gateway to come back", async () => {
  const log = logOf(["a"]);
  const stop = new AbortController();
  const seen: string[] = [];
  const script = [() => log.setUp(false), () => log.write("b"), () => log.setUp(true), () => stop.abort()];
  const input = { connect: log.connect, files: undefined, limit: 5, follow: true, onSource() {}, pollMs: 1 };
  for await (const batch of followLog({ ...input, signal: stop.signal })) {
    seen.push(...batch);
    script.shift()?.();
  }
  assert.deepEqual(seen, ["a", "b"]);
});
