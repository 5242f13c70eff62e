import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { snapshotPath } from "../../src/sessions/snapshot-files.ts";
import { DAMAGES, type Damage, randomFrom } from "../kit/damage.ts";
import { openGateway } from "../kit/gateway.ts";
import { requireInvariants } from "../kit/invariants.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder, TOKEN } from "../kit/state.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

/** 80 with OPENCLAW_TEST_LONG=1; what is no database has its own in config-damage.test.ts. */
const VARIANTS = process.env.OPENCLAW_TEST_LONG === "1" ? 80 : 16;
const SEED = 20_261_126;

const TARGETS = [
  { file: "data/sessions.sqlite", snapshot: true },
  { file: "data/sessions.sqlite", snapshot: false },
  { file: "data/sessions.sqlite-wal", snapshot: true },
  { file: "data/devices.sqlite", snapshot: false },
] as const;

/** A gateway in this process has what `gateway run` sets; copies of folders as well. */
process.umask(0o077);

let template: string;

async function say(client: WireClient, runId: string, message: string): Promise<void> {
  await client.request("chat.send", { sessionKey: "main", message, idempotencyKey: runId });
  assert.equal((await client.request("agent.wait", { runId, timeoutMs: 10_000 })).payload.status, "ok");
}

/** What a gateway that was killed leaves behind: databases with journals that are not empty, and a snapshot. */
before(async () => {
  using state = makeState(localConfig(await freePort(), { agents: { defaults: { model: "demo/echo" } } }));
  const snapshot = snapshotPath(join(state.dir, "data/snapshots"), Date.now() - 3_600_000);
  {
    await using gateway = await openGateway({ state });
    using client = await connectWire(gateway.port, { token: TOKEN });
    await say(client, "early", "say 5 words");
    await gateway.running.services.devices.open();
  }
  mkdirSync(join(state.dir, "data/snapshots"), { mode: 0o700 });
  copyFileSync(join(state.dir, "data/sessions.sqlite"), snapshot);
  await using gateway = await spawnGateway(state);
  using client = await connectWire(gateway.port, { token: TOKEN });
  for (let index = 0; index < 20; index++) await say(client, `late-${index}`, "say 50 words");
  gateway.child.kill("SIGKILL");
  await gateway.ended;
  template = mkdtempSync(join(tmpdir(), "openclaw-damage-"));
  cpSync(state.dir, template, { recursive: true });
});

after(() => rmSync(template, { recursive: true, force: true }));

async function startsAllTheSame(
  { file, snapshot }: (typeof TARGETS)[number],
  damage: Damage,
  seed: number,
): Promise<void> {
  using state: StateFolder = makeState();
  cpSync(template, state.dir, { recursive: true });
  if (!snapshot) rmSync(join(state.dir, "data/snapshots"), { recursive: true });
  const path = join(state.dir, file);
  const damaged = damage(readFileSync(path), randomFrom(seed));
  writeFileSync(path, damaged);

  await using gateway = await openGateway({ state });
  using client = await connectWire(gateway.port, { token: TOKEN });
  const log = gateway.console.join("\n");
  const restored = /sessions restored: .* is damaged/.test(log);
  const asides = existsSync(join(state.dir, "data/damaged"))
    ? readdirSync(join(state.dir, "data/damaged"))
    : [];
  assert.equal(asides.length, restored ? 1 : 0);
  if (file.endsWith("sessions.sqlite") && restored) {
    assert.match(log, snapshot ? /the snapshot of \S+ took its place/ : /the sessions begin empty/);
    const kept = readFileSync(join(state.dir, "data/damaged", asides[0]!, "sessions.sqlite"));
    assert.ok(kept.equals(damaged), "the damaged file is not kept as it was");
    const { payload } = await client.request("agent.wait", { runId: "early", timeoutMs: 10 });
    assert.equal(payload.status, snapshot ? "ok" : "timeout");
  }
  // A page nobody has asked for yet may still be bad; then it is a finding, and other sessions go on.
  const answer = await client.request("chat.send", {
    sessionKey: "fresh",
    message: "say 2 words",
    idempotencyKey: "after",
  });
  const healthy = (await client.request("health", { probe: true })).ok;
  assert.equal(healthy, true);
  if (restored) {
    assert.equal(answer.payload?.status, "started", JSON.stringify(answer.error));
    await client.request("agent.wait", { runId: "after", timeoutMs: 10_000 });
  }
  await gateway.stop();
  await requireInvariants(state, { databaseLost: !restored && file.includes("sessions") });
}

const kinds = Object.entries(DAMAGES);
for (let variant = 0; variant < VARIANTS; variant++) {
  const target = TARGETS[variant % TARGETS.length]!;
  const [name, damage] = kinds[Math.floor(variant / TARGETS.length) % kinds.length]!;
  const seed = SEED + variant;
  const with_ = target.file.includes("devices") || target.snapshot ? "" : ", no snapshot";
  const id = name === "cut off" ? "[OPS-06] " : "";
  test(`[R04] ${id}${target.file} ${name}${with_}: the gateway is ready, and says what was lost (seed ${seed})`, () =>
    startsAllTheSame(target, damage, seed));
}

test("[OPS-06] not a byte is left of the sessions: the snapshot takes their place by itself", async () => {
  await startsAllTheSame(TARGETS[0], () => Buffer.alloc(0), SEED);
});
