import { signal } from "@preact/signals";
import {
  type CloseInfo,
  ConnectionError,
  connectGateway,
  type GatewayConnection,
  type SocketLike,
} from "../../../src/protocol/client.ts";
import { GatewayError } from "../../../src/protocol/errors.ts";
import type { EventFrame } from "../../../src/protocol/frames.ts";
import type { HelloOk } from "../../../src/protocol/hello.ts";
import { PRODUCT_VERSION } from "../../../src/protocol/version.ts";
import { pageUrl, socketUrl } from "./address.ts";
import { browserName } from "./browser-name.ts";
import { type DeviceKey, openDeviceKey, proveDevice } from "./device-key.ts";
import { type Away, CONNECT_FAILED, explain, type Refusal, TICK_TIMEOUT } from "./refusal.ts";
import { keepDeviceToken, keepSecret, storedDeviceToken, storedSecret } from "./stored.ts";

export type LinkState =
  | { kind: "connecting" }
  | { kind: "open"; hello: HelloOk }
  | { kind: "away"; away: Away; sinceMs: number; retryAtMs: number }
  | { kind: "refused"; refusal: Refusal; retryAtMs?: number };

export const link = signal<LinkState>({ kind: "connecting" });
/** Under which the gateway knows this browser. */
export const ownDeviceId = signal<string | undefined>(undefined);
/** Something the person should know although the connection stands. */
export const linkNote = signal<"secret-unused" | undefined>(undefined);

const CONNECT_WITHIN_MS = 15_000;
const CALL_WITHIN_MS = 30_000;
const FIRST_RETRY_MS = 800;
const RETRY_GROWTH = 1.7;
const LONGEST_RETRY_MS = 15_000;
const SCOPES = ["admin", "read", "write", "approvals", "questions", "pairing"].map(
  (name) => `operator.${name}`,
);
const CAPS = ["tool-events"];
const CLIENT = {
  id: "openclaw-control-ui",
  mode: "webchat",
  version: PRODUCT_VERSION,
  platform: navigator.platform || "web",
  displayName: browserName(navigator.userAgent),
};

let connection: GatewayConnection | undefined;
let socket: WebSocket | undefined;
let secret = storedSecret();
let device: Promise<DeviceKey | undefined> | undefined;
let attempt = 0;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let awaySinceMs: number | undefined;
/** A restart that was announced comes back soon. */
let expectedMs: number | undefined;

const onEvents = new Set<(event: EventFrame) => void>();
const onOpens = new Set<() => void>();

/** Called with every event of the gateway. */
export function listen(listener: (event: EventFrame) => void): void {
  onEvents.add(listener);
}

/** Called when what this page knows may be old: after each connect, and after a gap in the events. */
export function whenFresh(listener: () => void): void {
  onOpens.add(listener);
}

export function call<T>(method: string, params: unknown = {}): Promise<T> {
  if (!connection) return Promise.reject(new ConnectionError("gateway not connected"));
  return connection.call<T>(method, params, { timeoutMs: CALL_WITHIN_MS });
}

/** Whether this gateway has the method; an older one may not. */
export function offers(method: string): boolean {
  return link.value.kind === "open" && link.value.hello.features.methods.includes(method);
}

/** Whether this browser may change how the gateway runs. */
export function isAdmin(): boolean {
  return link.value.kind === "open" && link.value.hello.auth.scopes.includes("operator.admin");
}

/** With another secret, or again with what there is. */
export function connect(another?: string): void {
  if (another) {
    secret = another;
    // A page that is loaded again while it waits for its owner's approval still has it.
    keepSecret(secret);
  }
  clearTimeout(timer);
  attempt++;
  closeQuietly();
  void tryOnce(attempt);
}

function closeQuietly(code = 1000, reason = ""): void {
  const old = socket;
  socket = undefined;
  connection = undefined;
  old?.close(code, reason);
}

async function tryOnce(own: number): Promise<void> {
  const isCurrent = () => own === attempt;
  if (link.value.kind !== "away" && link.value.kind !== "refused") link.value = { kind: "connecting" };
  try {
    device ??= openDeviceKey(mayUsePlainKey);
    const key = await device;
    ownDeviceId.value = key?.deviceId;
    if (isCurrent()) await open(key, isCurrent);
  } catch (error) {
    if (isCurrent()) onFailure(error, await device?.catch(() => undefined));
  }
}

async function open(key: DeviceKey | undefined, isCurrent: () => boolean): Promise<void> {
  const kept = key && storedDeviceToken(key.deviceId);
  const auth =
    secret !== undefined ? { token: secret, password: secret } : kept ? { deviceToken: kept.token } : {};
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let silenceMs = 0;
  let lastSeq = 0;

  const opened = await connectGateway({
    open: () => openSocket(isCurrent, keepAwake),
    client: CLIENT,
    scopes: secret === undefined && kept ? kept.scopes : SCOPES,
    caps: CAPS,
    auth,
    ...(key && { prove: (challenge, params) => proveDevice(key, challenge, params) }),
    timeoutMs: CONNECT_WITHIN_MS,
    onEvent(event) {
      if (!isCurrent()) return;
      if (event.event === "shutdown")
        expectedMs = (event.payload as { restartExpectedMs?: number }).restartExpectedMs;
      for (const listener of onEvents) listener(event);
      if (event.seq === undefined) return;
      const isGap = event.seq > lastSeq + 1 && lastSeq > 0;
      lastSeq = event.seq;
      if (isGap) for (const refresh of onOpens) refresh();
    },
    onClose(close) {
      clearTimeout(watchdog);
      if (!isCurrent()) return;
      if (link.value.kind !== "open")
        return console.info(`gateway closed with ${close.code}: ${close.reason}`);
      connection = undefined;
      onFailure(new ConnectionError("connection lost", { close }), key);
    },
  });
  if (!isCurrent()) return opened.close();

  const { hello } = opened;
  if (key && hello.auth.deviceToken)
    keepDeviceToken(key.deviceId, { token: hello.auth.deviceToken, scopes: hello.auth.scopes });
  keepSecret(secret);
  silenceMs = 2 * hello.policy.tickIntervalMs;
  connection = opened;
  failures = 0;
  awaySinceMs = undefined;
  expectedMs = undefined;
  link.value = { kind: "open", hello };
  keepAwake();
  for (const refresh of onOpens) refresh();

  function keepAwake(): void {
    clearTimeout(watchdog);
    if (silenceMs > 0) watchdog = setTimeout(onSilence, silenceMs);
  }

  /** Whoever is silent does not answer a close frame either: it is not waited for. */
  function onSilence(): void {
    if (!isCurrent()) return;
    const close = { code: TICK_TIMEOUT, reason: "tick timeout" };
    attempt++;
    closeQuietly(close.code, close.reason);
    onFailure(new ConnectionError("connection lost", { close }), key);
  }
}

/** A socket that closes in the way browsers can, and says so in the console (behaviour R8). */
function openSocket(isCurrent: () => boolean, onFrame: () => void): SocketLike {
  const own = new WebSocket(socketUrl);
  socket = own;
  const like: SocketLike = {
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (data) => own.send(data),
    close(code = CONNECT_FAILED, reason = "connect failed") {
      if (own.readyState === WebSocket.CLOSED) return;
      own.close(code, code === CONNECT_FAILED ? reason : undefined);
    },
  };
  own.onmessage = (event) => {
    if (!isCurrent()) return;
    onFrame();
    like.onmessage?.(event as never);
  };
  // What failed is told by the close that follows.
  own.onclose = ({ code, reason }) => like.onclose?.({ code, reason } as CloseInfo as never);
  return like;
}

function onFailure(error: unknown, key: DeviceKey | undefined): void {
  const verdict = explain(error, pageUrl.origin);
  if (verdict.kind === "away") {
    beAway(verdict);
    return;
  }
  console.info(`WebSocket closed with code ${CONNECT_FAILED}: connect failed — ${verdict.said}`);

  const kept = key && storedDeviceToken(key.deviceId);
  if (verdict.kind === "secret-wrong" && kept && mayRetryWithDeviceToken(error)) {
    // The browser has a right of its own; the secret in an old link does not take it away.
    linkNote.value = "secret-unused";
    secret = undefined;
    keepSecret(undefined);
    connect();
    return;
  }
  if (verdict.kind === "device-token") {
    console.warn("WebSocket connection failed: device token mismatch");
    if (key) keepDeviceToken(key.deviceId, undefined);
  }
  if (verdict.asksSecret) {
    secret = undefined;
    keepSecret(undefined);
  }
  awaySinceMs = undefined;
  const retryAtMs = verdict.retryAfterMs === undefined ? undefined : Date.now() + verdict.retryAfterMs;
  link.value = { kind: "refused", refusal: verdict, ...(retryAtMs !== undefined && { retryAtMs }) };
  if (verdict.retryAfterMs !== undefined) timer = setTimeout(connect, verdict.retryAfterMs);
}

function mayRetryWithDeviceToken(error: unknown): boolean {
  return error instanceof GatewayError && error.extras.details?.canRetryWithDeviceToken === true;
}

function beAway(away: Away): void {
  const now = Date.now();
  awaySinceMs ??= now;
  const backoff = Math.min(FIRST_RETRY_MS * RETRY_GROWTH ** failures++, LONGEST_RETRY_MS);
  const waitMs = away.retryAfterMs ?? (failures === 1 ? expectedMs : undefined) ?? backoff;
  console.info(`WebSocket closed: ${away.banner}`);
  link.value = { kind: "away", away, sinceMs: awaySinceMs, retryAtMs: now + waitMs };
  timer = setTimeout(connect, waitMs);
}

/** The gateway says whether its owner allows a key that a script could read. */
async function mayUsePlainKey(): Promise<boolean> {
  const response = await fetch(new URL("control-ui-config.json", pageUrl), { cache: "no-store" });
  return response.ok && (await response.json()).allowInsecureAuth === true;
}

/** Tries at once when the machine is back or the person looks. */
function hurry(): void {
  const { kind } = link.value;
  if (kind === "away" && !document.hidden) connect();
}
addEventListener("online", hurry);
document.addEventListener("visibilitychange", hurry);
