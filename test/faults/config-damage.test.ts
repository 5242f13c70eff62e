import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { runHere } from "../kit/command.ts";
import { DAMAGES, type Damage, randomFrom } from "../kit/damage.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { runOpenclaw, spawnGateway } from "../kit/process.ts";
import { makeState, type StateFolder } from "../kit/state.ts";
import { until } from "../kit/until.ts";

/** DAMAGE_VARIANTS or OPENCLAW_TEST_LONG=1 make it a longer look, DAMAGE_SEED another one. */
const VARIANTS = Number(process.env.DAMAGE_VARIANTS ?? (process.env.OPENCLAW_TEST_LONG === "1" ? 64 : 16));
const SEED = Number(process.env.DAMAGE_SEED ?? 20_261_120);
interface Target {
  file: string;
  /** What the log says when this is what is in it; undefined where nothing is lost. */
  says?(damaged: Buffer): RegExp | undefined;
}

const isToken = (bytes: Buffer) => /^[\x20-\x7e]{16,4096}$/.test(bytes.toString().trim());
const isJson = (bytes: Buffer) => {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
};

const TARGETS: Target[] = [
  {
    file: "openclaw.json.last-good",
    says: (bytes) =>
      isJson(bytes) ? undefined : /openclaw\.json\.last-good was damaged; it is the text in force again/,
  },
  {
    file: "data/config-history/000002.json",
    says: (bytes) =>
      isJson(bytes) ? undefined : /damaged versions are left out of config history: 000002\.json/,
  },
  {
    file: "data/config-history/000003.json",
    says: (bytes) =>
      isJson(bytes) ? undefined : /damaged versions are left out of config history: 000003\.json/,
  },
  { file: "data/config.lock" },
  { file: "data/gateway.lock" },
  {
    file: "data/gateway.token",
    says: (bytes) =>
      isToken(bytes)
        ? undefined
        : /gateway\.token was damaged and is set aside as \S+gateway\.token\.damaged\.\S+; clients need the new token/,
  },
  { file: "gateway.pid" },
];

/** What a gateway and some commands leave behind; each variant begins with a copy. */
let template: string;

before(async () => {
  using state = makeState({
    gateway: { mode: "local", bind: "loopback" },
    agents: { defaults: { model: "demo/echo" } },
  });
  assert.equal((await runHere(["config", "set", "gateway.port", String(await freePort())], state)).code, 0);
  {
    await using gateway = await spawnGateway(state);
    await until("the version that runs is kept", () =>
      readdirSync(state.dir).includes("openclaw.json.last-good"),
    );
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  // What runs next is another text than the last good one, as after a change while the gateway was down.
  assert.equal((await runHere(["config", "set", "logging.level", "debug"], state)).code, 0);
  for (const name of ["config.lock", "gateway.lock"]) {
    // Empty as a rule, so there would be nothing to damage.
    using db = new DatabaseSync(join(state.dir, "data", name));
    db.exec("CREATE TABLE IF NOT EXISTS t (x); INSERT INTO t VALUES (1)");
  }
  template = mkdtempSync(join(tmpdir(), "openclaw-damage-"));
  cpSync(state.dir, template, { recursive: true });
});

after(() => rmSync(template, { recursive: true, force: true }));

/** A folder like the template, with a port of its own. */
function fresh(): StateFolder {
  const state = makeState();
  cpSync(template, state.dir, { recursive: true });
  return state;
}

function filesOf(state: StateFolder): Map<string, string> {
  const names = ["openclaw.json", "data/gateway.token"];
  const history = readdirSync(join(state.dir, "data/config-history")).map(
    (name) => `data/config-history/${name}`,
  );
  return new Map([...names, ...history].map((name) => [name, readFileSync(join(state.dir, name), "latin1")]));
}

function logOf(state: StateFolder): string {
  const dir = join(state.dir, "logs");
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), "utf8"))
    .join("");
}

async function startsAllTheSame({ file, says }: Target, damage: Damage, seed: number): Promise<void> {
  using state = fresh();
  const path = join(state.dir, file);
  const damaged = damage(readFileSync(path), randomFrom(seed));
  writeFileSync(path, damaged);
  const files = filesOf(state);

  await using gateway = await spawnGateway(state, ["--port", String(await freePort())]);
  await gateway.printed(/\[gateway\] model:/);
  const wanted = says?.(damaged);
  if (wanted) await until(`the log says what was lost: ${wanted}`, () => wanted.test(logOf(state)));

  const token = readFileSync(join(state.dir, "data/gateway.token"), "utf8").trim();
  assert.equal((await call({ port: gateway.port, path: "/v1/models", token })).status, 200);
  if (file === "data/gateway.token" && wanted) {
    const [aside] = readdirSync(join(state.dir, "data")).filter((name) =>
      name.startsWith("gateway.token.damaged."),
    );
    assert.ok(readFileSync(join(state.dir, "data", aside!)).equals(damaged));
    assert.equal(statSync(join(state.dir, "data", aside!)).mode & 0o777, 0o600);
    assert.match(token, /^[0-9a-f]{64}$/);
  }
  gateway.child.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
  // What was lost is that file and nothing else.
  const later = filesOf(state);
  for (const [name, bytes] of files) if (name !== file) assert.equal(later.get(name), bytes, name);
  const { code, stderr } = await runHere(["config", "set", "logging.level", "info"], state);
  assert.equal(code, 0, stderr);
}

const kinds = Object.entries(DAMAGES);
for (let variant = 0; variant < VARIANTS; variant++) {
  const target = TARGETS[variant % TARGETS.length]!;
  const [name, damage] = kinds[Math.floor(variant / TARGETS.length) % kinds.length]!;
  const seed = SEED + variant;
  test(`[R04] ${target.file} ${name}: the gateway is ready, and says what was lost (seed ${seed})`, () =>
    startsAllTheSame(target, damage, seed));
}

for (const [at, [name, damage]] of kinds.entries()) {
  test(`[R10] openclaw.json ${name}: the start is refused with 78, the file is left as it is`, async () => {
    using state = fresh();
    const damaged = damage(readFileSync(state.configPath), randomFrom(SEED + 1_000 + at));
    writeFileSync(state.configPath, damaged);
    const lastGood = readFileSync(`${state.configPath}.last-good`);
    const { code, stderr } = await runOpenclaw(["gateway", "run"], state);
    assert.equal(code, 78, stderr);
    assert.match(stderr, /^Invalid config at \S+openclaw\.json/);
    assert.ok(readFileSync(state.configPath).equals(damaged));
    assert.ok(readFileSync(`${state.configPath}.last-good`).equals(lastGood));
  });
}
