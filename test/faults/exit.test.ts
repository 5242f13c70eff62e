import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readKernelLog } from "../../src/platform/kernel-log.ts";
import { runHere } from "../kit/command.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { type GatewayProcess, runOpenclaw, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";

/** What is said of a gateway that was ended: by `status` while it is down, by the next start, and by `status` then. */
async function told(state: StateFolder): Promise<string[]> {
  const down = await runHere(["status"], state);
  assert.equal(down.code, 1);
  await using next = await spawnGateway(state);
  const [line = ""] = await next.printed(/^.*previous run .*$/m);
  const up = await runHere(["status"], state);
  assert.equal(up.code, 0);
  next.child.kill("SIGTERM");
  await next.ended;
  return [
    /^Last exit: .*$/m.exec(down.stdout)?.[0] ?? "",
    line,
    /^Last exit: .*$/m.exec(up.stdout)?.[0] ?? "",
  ];
}

test("[proc-killed] SIGKILL: status and the next start say that it was killed, once", async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  gateway.child.kill("SIGKILL");
  await gateway.ended;
  for (const text of await told(state)) {
    assert.match(text, /\bkilled \(SIGKILL\) or lost power, less than a minute ago/);
    assert.ok(text.includes(`pid ${gateway.child.pid}`), text);
  }
  const after = await runHere(["status"], state);
  assert.doesNotMatch(after.stdout, /Last exit/);
  await using next = await spawnGateway(state);
  assert.doesNotMatch(next.stdout(), /previous run/);
});

test("a good end and a restart in place are no news; a start that failed is", async () => {
  using state = makeState(localConfig(await freePort()));
  const failed = await runOpenclaw(["gateway", "run"], state, {
    OPENCLAW_FAULT_PLAN: "start.afterListen=throw",
  });
  assert.equal(failed.code, 1);
  const { stdout } = await runHere(["status"], state);
  assert.match(stdout, /^Last exit: +pid \d+ failed less than a minute ago: failpoint start\.afterListen$/m);
  await using gateway = await spawnGateway(state);
  assert.equal((await runHere(["restart"], state)).code, 0);
  assert.doesNotMatch((await runHere(["status"], state)).stdout, /Last exit/);
  gateway.child.kill("SIGTERM");
  await gateway.ended;
  assert.doesNotMatch((await runHere(["status"], state)).stdout, /Last exit/);
});

/** Reads from address 0. */
const BAD_CODE: Partial<Record<NodeJS.Architecture, string>> = { x64: "31c08b00", arm64: "000080d2000040f9" };

const noSegfault =
  (readKernelLog() === undefined && "this user may not read the kernel's messages") ||
  (BAD_CODE[process.arch] === undefined && "no machine code for this processor");

test("[proc-segfault] a real segmentation fault is named, by the kernel's own line", {
  skip: noSegfault,
}, async () => {
  using state = makeState(localConfig(await freePort()));
  // Node's own handler for WebAssembly would keep it from the kernel.
  await using gateway = await spawnGateway(state, [], { NODE_OPTIONS: "--disable-wasm-trap-handler" });
  crash(gateway);
  assert.equal((await gateway.ended).signal, "SIGSEGV");
  for (const text of await told(state)) {
    assert.match(text, /was killed by a segmentation fault \(SIGSEGV\)/);
    // Whichever of its threads came first.
    assert.match(text, /\w+\[\d+\]: segfault at/);
  }
});

/** Fills the C library of the process with code that reads from nowhere. */
function crash({ child }: GatewayProcess): void {
  const maps = readFileSync(`/proc/${child.pid}/maps`, "utf8");
  const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r-xp .*\/libc\.so/m.exec(maps) ?? [];
  const [begin, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
  const code = Buffer.alloc(Number(end - begin), Buffer.from(BAD_CODE[process.arch]!, "hex"));
  const memory = openSync(`/proc/${child.pid}/mem`, "r+");
  writeSync(memory, code, 0, code.length, Number(begin));
  closeSync(memory);
  child.kill("SIGUSR1");
}

const memoryGroups = "/sys/fs/cgroup/memory";

test("[proc-oom-dmesg] out of memory in a small memory group: the OOM killer is named, with its evidence", {
  skip: noMemoryGroup(),
}, async () => {
  using group = makeMemoryGroup();
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  group.add(gateway.child.pid!);
  // Started in the group, so that its counter is the one that is watched.
  assert.equal((await runHere(["restart"], state)).code, 0);
  group.limit(group.usage() + 4_000_000);
  const body = JSON.stringify({ messages: [{ role: "user", content: "x".repeat(19_000_000) }] });
  await call({ port: gateway.port, path: "/v1/chat/completions", token: TOKEN, body }).catch(() => {});
  assert.equal((await gateway.ended).signal, "SIGKILL");
  for (const text of await told(state)) {
    assert.match(text, /was killed by the OOM killer \(out of memory\)/);
    assert.match(text, /Killed process \d+ \(\S+\) total-vm:\d+kB|oom_kill rose from \d+ to \d+/);
  }
});

function noMemoryGroup(): string | false {
  try {
    using group = makeMemoryGroup();
    return group ? false : "";
  } catch (error) {
    return `no memory group can be made here: ${(error as Error).message}`;
  }
}

/** Below the group this test is in. */
function makeMemoryGroup() {
  const [, own = ""] = /^\d+:memory:(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8")) ?? [];
  const dir = join(memoryGroups, own, `openclaw-test-${process.pid}`);
  if (!existsSync(join(memoryGroups, own, "memory.limit_in_bytes")))
    throw new Error("no cgroup v1 memory controller");
  mkdirSync(dir);
  const write = (file: string, value: number) => writeFileSync(join(dir, file), String(value));
  return {
    add: (pid: number) => write("cgroup.procs", pid),
    usage: () => Number(readFileSync(join(dir, "memory.usage_in_bytes"), "utf8")),
    limit: (bytes: number) => write("memory.limit_in_bytes", bytes),
    [Symbol.dispose]: () => rmdirSync(dir),
  };
}
