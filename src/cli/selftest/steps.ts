import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { updateConfig } from "../../config/store.ts";
import { isLocked } from "../../platform/lock.ts";
import { createOutbound } from "../../platform/outbound.ts";
import type { GatewayConnection } from "../../protocol/client.ts";
import { GatewayError } from "../../protocol/errors.ts";
import { type EventFrame, isRecord } from "../../protocol/frames.ts";
import { textOf } from "../../protocol/messages.ts";
import { PRODUCT_VERSION } from "../../protocol/version.ts";
import { openOwnDevice } from "../own-device.ts";
import { connectTo } from "./client.ts";
import type { PrivateGateway } from "./private-gateway.ts";

export interface Step {
  name: string;
  /** The command that helps when this one fails. */
  fix: string;
  /** What was seen, one line. Throws where it was not what it has to be. */
  run(bench: Bench): Promise<string>;
}

export interface Bench {
  gateway: PrivateGateway & { start(): void };
  stepMs: number;
  /** Connections to close at the end. */
  open: GatewayConnection[];
}

const READY = /\[gateway\] ready/;
const SESSION = "main";
/** The demo answers with this, and no other part of the program says it. */
const ASKED = "say 3 words";
const ANSWER = "one small lobster";
const POLL_MS = 50;

/** In this order; each builds on those before. */
export const STEPS: readonly Step[] = [
  {
    name: "start",
    fix: "openclaw doctor",
    async run({ gateway }) {
      gateway.start();
      await gateway.printed(READY, 1);
      return `process ${gateway.pid()} is ready on 127.0.0.1:${gateway.port}`;
    },
  },
  {
    name: "message over WebSocket",
    fix: "openclaw logs --tail 50",
    async run(bench) {
      const events: EventFrame[] = [];
      const client = await owner(bench, (event) => events.push(event));
      const { runId } = await client.call<{ runId: string }>(
        "chat.send",
        { sessionKey: SESSION, message: ASKED, idempotencyKey: randomUUID() },
        { timeoutMs: bench.stepMs },
      );
      const reply = await poll(bench, "a final chat event", () => finalText(events, runId));
      expect(reply, ANSWER);
      return `"${ASKED}" → "${reply}"`;
    },
  },
  {
    name: "message over HTTP",
    fix: "openclaw config get gateway.http.endpoints.chatCompletions",
    async run({ gateway, stepMs }) {
      using outbound = createOutbound();
      const { status, text } = await outbound
        .request({
          url: `http://127.0.0.1:${gateway.port}/v1/chat/completions`,
          headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: ASKED }] }),
          signal: AbortSignal.timeout(stepMs),
          deadlines: { connectMs: stepMs, firstByteMs: stepMs, idleMs: stepMs, totalMs: stepMs },
        })
        .then(async (response) => ({ status: response.status, text: await response.text(100_000) }));
      if (status !== 200) throw new Error(`HTTP ${status}: ${text.slice(0, 200)}`);
      const reply = JSON.parse(text).choices?.[0]?.message?.content;
      expect(reply, ANSWER);
      return `200, "${reply}"`;
    },
  },
  {
    name: "config edit, applied while it runs",
    fix: "openclaw config get gateway.reload.mode",
    async run(bench) {
      const { paths, env } = bench.gateway;
      const edits = [{ path: ["agents", "list"], value: [{ id: "main", name: "Selftest" }] }];
      const change = { version: PRODUCT_VERSION, author: { kind: "cli" }, command: "selftest" } as const;
      await updateConfig({ paths, env, edits, ...change });
      const client = await owner(bench);
      await poll(bench, "the new name of the agent", async () => {
        const { agents } = await client.call<{ agents: { name?: string }[] }>(
          "agents.list",
          {},
          {
            timeoutMs: bench.stepMs,
          },
        );
        return agents[0]?.name === "Selftest" ? true : undefined;
      });
      return `the agent has its new name, still process ${bench.gateway.pid()}`;
    },
  },
  {
    name: "pairing of a device",
    fix: "openclaw devices list",
    run: pairDevice,
  },
  {
    name: "restart in its own process",
    fix: "openclaw restart",
    async run(bench) {
      const { gateway } = bench;
      if (process.platform === "win32") return "not on Windows, where it is a new process";
      const pid = gateway.pid();
      gateway.signal("SIGUSR2");
      await gateway.printed(READY, 2);
      const client = await owner(bench);
      const { messages } = await client.call<{ messages: { role: string }[] }>(
        "chat.history",
        { sessionKey: SESSION },
        { timeoutMs: bench.stepMs },
      );
      const kept = messages.map((message) => textOf(message as never));
      if (!kept.includes(ANSWER))
        throw new Error(`the conversation is gone: ${JSON.stringify(kept).slice(0, 200)}`);
      return `ready again as process ${pid}; the conversation has its ${messages.length} messages`;
    },
  },
  {
    name: "stop",
    fix: "openclaw logs --tail 50",
    async run({ gateway, open }) {
      for (const connection of open.splice(0)) connection.close();
      gateway.signal("SIGTERM");
      const { code, signal } = await gateway.ended();
      if (code !== 0) throw new Error(`it ended with ${signal ?? `exit code ${code}`}`);
      if (isLocked(gateway.paths.lockFile)) throw new Error("the state lock is still held");
      const left = readdirSync(gateway.paths.dataDir).filter((name) => name === "gateway.sock");
      if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
      return "exit code 0, the state lock is free";
    },
  },
];

async function pairDevice(bench: Bench): Promise<string> {
  const { gateway, stepMs } = bench;
  const device = openOwnDevice({ ...gateway.paths, ownDeviceFile: join(gateway.home, "device.json") });
  const knock = { scopes: ["operator.read"] as const, timeoutMs: stepMs, device };
  const refusal = await connectTo(gateway, { ...knock, auth: { token: gateway.token } }).then(
    (connection) => {
      connection.close();
      return undefined;
    },
    (error: unknown) => error,
  );
  const details = refusal instanceof GatewayError ? refusal.extras.details : undefined;
  if (typeof details?.requestId !== "string")
    throw new Error(`a device from elsewhere was not asked to pair: ${refusal ?? "it was let in"}`);
  const client = await owner(bench);
  await client.call("device.pair.approve", { requestId: details.requestId }, { timeoutMs: stepMs });
  const paired = await connectTo(gateway, { ...knock, auth: { token: gateway.token } });
  bench.open.push(paired);
  const { deviceToken } = paired.hello.auth ?? {};
  if (deviceToken === undefined) throw new Error("the paired device got no token");
  const again = await connectTo(gateway, { ...knock, auth: { deviceToken } });
  bench.open.push(again);
  return `device ${device.id.slice(0, 8)} was refused, approved, and let in by its own token`;
}

async function owner(bench: Bench, onEvent?: (event: EventFrame) => void): Promise<GatewayConnection> {
  const { gateway, stepMs, open } = bench;
  const connection = await connectTo(gateway, {
    scopes: ["operator.admin", "operator.read", "operator.write", "operator.pairing"],
    auth: { token: gateway.token },
    timeoutMs: stepMs,
    ...(onEvent && { onEvent }),
  });
  open.push(connection);
  return connection;
}

function finalText(events: readonly EventFrame[], runId: string): string | undefined {
  for (const { event, payload } of events) {
    if (event !== "chat" || !isRecord(payload) || payload.runId !== runId) continue;
    if (payload.state === "error") throw new Error(`the run failed: ${payload.errorMessage}`);
    if (payload.state === "final") return textOf(payload.message as never);
  }
  return undefined;
}

async function poll<T>(
  { stepMs }: Bench,
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (const endsAt = performance.now() + stepMs; ; await sleep(POLL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endsAt) throw new Error(`${what} did not come within ${stepMs} ms`);
  }
}

function expect(seen: unknown, wanted: string): void {
  if (seen !== wanted) throw new Error(`expected "${wanted}" and saw ${JSON.stringify(seen)?.slice(0, 200)}`);
}
