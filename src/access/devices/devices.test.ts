import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { handClock } from "../../../test/kit/clock.ts";
import { GatewayError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/scopes.ts";
import {
  approveRequest,
  deviceEntry,
  listDevices,
  rejectRequest,
  removeDevice,
  renameDevice,
  revokeToken,
  rotateToken,
} from "./administration.ts";
import { type AdmissionInput, admitDevice } from "./admission.ts";
import type { DeviceEvent } from "./announce.ts";
import { type DeviceCaller, OWNER } from "./caller.ts";
import { openDevices } from "./devices.ts";
import type { DeviceFacts } from "./records.ts";
import { createSetup, findSetup, redeemSetup, SETUP_LIFETIME_MS } from "./setups.ts";
import { findToken } from "./tokens.ts";

function openRoom(connected: ReadonlySet<string> = new Set()) {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-devices-"));
  const clock = handClock();
  const events: DeviceEvent[] = [];
  const aside: string[] = [];
  const path = join(dir, "devices.sqlite");
  const open = () =>
    openDevices({
      path,
      clock,
      announce: (event) => void events.push(event),
      isConnected: (deviceId) => connected.has(deviceId),
      onSetAside: (file) => void aside.push(file),
    });
  const devices = open();
  let isOpen = true;
  const close = () => {
    if (isOpen) devices[Symbol.dispose]();
    isOpen = false;
  };
  return {
    ...devices,
    devices,
    clock,
    events,
    path,
    dir,
    open,
    aside,
    close,
    [Symbol.dispose]() {
      close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const device = (deviceId: string, more: Partial<DeviceFacts> = {}): DeviceFacts => ({
  deviceId,
  publicKey: `key of ${deviceId}`,
  platform: "linux",
  deviceFamily: "",
  clientId: "cli",
  clientMode: "cli",
  remoteIp: "203.0.113.9",
  ...more,
});

const asking = (deviceId: string, more: Partial<AdmissionInput> = {}): AdmissionInput => ({
  device: device(deviceId),
  role: "operator",
  scopes: ["operator.read"],
  credential: "secret",
  localDirect: false,
  hasToken: false,
  ...more,
});

function waits(room: ReturnType<typeof openRoom>, input: AdmissionInput) {
  const admission = admitDevice(room, input);
  if (admission.kind !== "waiting") throw new Error("was admitted");
  return admission.request;
}

function enters(room: ReturnType<typeof openRoom>, input: AdmissionInput) {
  const admission = admitDevice(room, input);
  if (admission.kind !== "admitted") throw new Error(`waits: ${admission.request.reason}`);
  return admission.issued;
}

const refusedAs = (message: string) => (error: unknown) =>
  error instanceof GatewayError && error.message === message;
const caller = (deviceId: string | undefined, ...scopes: string[]): DeviceCaller => ({
  deviceId,
  scopes: new Set(scopes),
});

test("a token is kept as its hash only, in a file of its owner", () => {
  using room = openRoom();
  const issued = enters(room, asking("a", { localDirect: true }))!;
  const { token } = issued;
  assert.equal(findToken(room, { deviceId: "a", role: "operator", token })?.scopes[0], "operator.read");
  room.store.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  assert.ok(!readFileSync(room.path).includes(token), "the token is on the disk");
  assert.equal(statSync(room.path).mode & 0o777, 0o600);
});

test("[AUTH-23] a token is worth nothing for another device or role", () => {
  using room = openRoom();
  const { token } = enters(room, asking("a", { localDirect: true }))!;
  enters(room, asking("b", { localDirect: true }));
  for (const [deviceId, role] of [
    ["b", "operator"],
    ["a", "node"],
    ["nobody", "operator"],
  ] as [string, Role][]) {
    assert.equal(findToken(room, { deviceId, role, token }), undefined);
  }
  assert.equal(findToken(room, { deviceId: "a", role: "operator", token: "x".repeat(100_000) }), undefined);
});

test("four tokens of one device are live; the one unused for longest gives way", () => {
  using room = openRoom();
  const tokens = Array.from({ length: 4 }, () => {
    room.clock.advance(1_000);
    return enters(room, asking("a", { localDirect: true }))!.token;
  });
  const find = (token: string) => findToken(room, { deviceId: "a", role: "operator", token });
  room.clock.advance(1_000);
  room.store.tokenUsed(find(tokens[0]!)!.hash, room.clock.now());
  enters(room, asking("a", { localDirect: true }));
  assert.deepEqual(
    tokens.map((token) => find(token) !== undefined),
    [true, false, true, true],
  );
});

test("a client that showed its token gets no other", () => {
  using room = openRoom();
  enters(room, asking("a", { localDirect: true }));
  assert.equal(enters(room, asking("a", { localDirect: true, hasToken: true })), undefined);
});

test("more scopes on this machine widen the record and keep the token", () => {
  using room = openRoom();
  const { token } = enters(room, asking("a", { localDirect: true }))!;
  enters(room, asking("a", { localDirect: true, scopes: ["operator.admin"], hasToken: true }));
  const found = findToken(room, { deviceId: "a", role: "operator", token });
  assert.deepEqual(found?.scopes, ["operator.read", "operator.admin"]);
  assert.deepEqual(room.events.at(-1), {
    kind: "widened",
    deviceId: "a",
    role: "operator",
    scopes: ["operator.admin"],
  });
});

test("the same wish is the same request; another one replaces it for both", () => {
  using room = openRoom();
  const first = waits(room, asking("a"));
  room.clock.advance(60_000);
  assert.equal(waits(room, asking("a")).requestId, first.requestId);
  const second = waits(room, asking("a", { scopes: ["operator.write"] }));
  assert.notEqual(second.requestId, first.requestId);
  assert.deepEqual(second.scopes, ["operator.read", "operator.write"]);
  assert.deepEqual(
    room.events.map((event) => (event.kind === "requested" ? `requested ${event.isNew}` : event.kind)),
    ["requested true", "requested false", "resolved", "requested true"],
  );
  assert.equal(listDevices(room, OWNER).pending.length, 1);
});

test("a request ends five minutes after the last attempt", () => {
  using room = openRoom();
  const { requestId } = waits(room, asking("a"));
  room.clock.advance(299_000);
  waits(room, asking("a"));
  room.clock.advance(299_000);
  assert.equal(listDevices(room, OWNER).pending.length, 1);
  room.clock.advance(1_000);
  assert.equal(listDevices(room, OWNER).pending.length, 0);
  assert.throws(() => approveRequest(room, OWNER, requestId), refusedAs("unknown requestId"));
});

test("[AUTH-37] a flood of requests stays on a short list, one line for each device, and pushes out its own first", () => {
  using room = openRoom();
  const honest = waits(room, asking("honest", { device: device("honest", { remoteIp: "198.51.100.1" }) }));
  for (let round = 0; round < 1_000; round++) waits(room, asking(`flood-${round % 200}`));
  const { pending } = listDevices(room, OWNER);
  assert.equal(pending.length, 17);
  assert.equal(new Set(pending.map(({ deviceId }) => deviceId)).size, pending.length);
  assert.ok(pending.some(({ requestId }) => requestId === honest.requestId));
  for (let host = 0; host < 200; host++)
    waits(room, asking(`h${host}`, { device: device(`h${host}`, { remoteIp: `198.51.100.${host}` }) }));
  assert.equal(listDevices(room, OWNER).pending.length, 64);
});

test("[AUTH-38] a thousand new devices on this machine leave 32, and those in use stay", () => {
  const connected = new Set(["online"]);
  using room = openRoom(connected);
  enters(room, asking("online", { localDirect: true }));
  const { token } = enters(room, asking("comes-back", { localDirect: true }))!;
  const found = findToken(room, { deviceId: "comes-back", role: "operator", token })!;
  room.store.tokenUsed(found.hash, room.clock.now());
  enters(room, asking("named", { localDirect: true }));
  renameDevice(room, OWNER, "named", "my laptop");
  for (let at = 0; at < 1_000; at++) {
    room.clock.advance(1);
    enters(room, asking(`flood-${at}`, { localDirect: true }));
  }
  const ids = listDevices(room, OWNER).paired.map(({ deviceId }) => deviceId);
  assert.equal(ids.length, 32);
  for (const id of ["online", "comes-back", "named", "flood-999"]) assert.ok(ids.includes(id), id);
});

test("[AUTH-31] nobody approves what they do not have, and no device approves itself", () => {
  using room = openRoom();
  const { requestId } = waits(room, asking("a", { scopes: ["operator.admin"] }));
  assert.throws(
    () => approveRequest(room, caller(undefined, "operator.pairing"), requestId),
    refusedAs("missing scope: operator.admin"),
  );
  assert.throws(
    () => approveRequest(room, caller("a", "operator.pairing", "operator.write"), requestId),
    refusedAs("device pairing approval denied"),
  );
  assert.equal(room.store.count(), 0);
  const approved = approveRequest(room, caller("phone", "operator.admin"), requestId);
  assert.deepEqual(approved.grants[0]?.scopes, ["operator.admin"]);
});

test("[AUTH-32] [devices-manage-denied] a device without operator.admin sees and manages itself", () => {
  using room = openRoom();
  for (const id of ["a", "b"]) enters(room, asking(id, { localDirect: true }));
  const waiting = waits(room, asking("c"));
  const a = caller("a", "operator.pairing", "operator.read");
  const seen = listDevices(room, a);
  assert.deepEqual(
    [seen.paired, seen.pending].map((list) => list.map(({ deviceId }) => deviceId)),
    [["a"], []],
  );
  assert.throws(() => removeDevice(room, a, "b"), refusedAs("device removal denied"));
  assert.throws(() => renameDevice(room, a, "b", "x"), refusedAs("device rename denied"));
  const operator = { deviceId: "b", role: "operator" };
  assert.throws(() => rotateToken(room, a, operator), refusedAs("device token rotation denied"));
  assert.throws(() => revokeToken(room, a, operator), refusedAs("device token revocation denied"));
  assert.throws(
    () => rejectRequest(room, a, waiting.requestId),
    refusedAs("device pairing rejection denied"),
  );
  removeDevice(room, a, "a");
  assert.equal(room.store.find("a"), undefined);
});

const ROTATIONS = [
  { name: "scopes beyond what was approved", role: "operator", scopes: ["operator.admin"] },
  { name: "another role", role: "node", scopes: [] },
  { name: "a role that does not exist", role: "root", scopes: [] },
  { name: "scopes beyond the caller's own", role: "operator", scopes: undefined },
] as const;
for (const { name, role, scopes } of ROTATIONS) {
  test(`[AUTH-30] rotation is refused for ${name}, and nothing has changed`, () => {
    using room = openRoom();
    const { token } = enters(room, asking("a", { localDirect: true, scopes: ["operator.write"] }))!;
    const self = caller("a", "operator.pairing", "operator.read");
    assert.throws(
      () => rotateToken(room, self, { deviceId: "a", role, ...(scopes && { scopes }) }),
      (error) => error instanceof GatewayError && error.code === "FORBIDDEN",
    );
    assert.deepEqual(findToken(room, { deviceId: "a", role: "operator", token })?.scopes, ["operator.write"]);
  });
}

test("rotation ends every former token, and may narrow", () => {
  using room = openRoom();
  const old = enters(room, asking("a", { localDirect: true, scopes: ["operator.write"] }))!.token;
  const { token, scopes } = rotateToken(room, OWNER, {
    deviceId: "a",
    role: "operator",
    scopes: ["operator.read"],
  });
  assert.deepEqual(scopes, ["operator.read"]);
  assert.equal(findToken(room, { deviceId: "a", role: "operator", token: old }), undefined);
  assert.deepEqual(findToken(room, { deviceId: "a", role: "operator", token })?.scopes, ["operator.read"]);
  assert.ok(room.events.some((event) => event.kind === "revoked" && event.role === "operator"));
});

test("[AUTH-35] what was revoked stays so until the owner approves it again", () => {
  using room = openRoom();
  const { token } = enters(room, asking("a", { localDirect: true }))!;
  revokeToken(room, OWNER, { deviceId: "a", role: "operator" });
  assert.equal(findToken(room, { deviceId: "a", role: "operator", token }), undefined);
  assert.throws(
    () => rotateToken(room, OWNER, { deviceId: "a", role: "operator" }),
    refusedAs("device token rotation denied"),
  );
  const request = waits(room, asking("a", { localDirect: true, hasToken: false }));
  assert.equal(request.reason, "role-upgrade");
  approveRequest(room, OWNER, request.requestId);
  assert.ok(enters(room, asking("a")));
});

test("[AUTH-34] of fifty that show one setup code one gets in, with what the code was made for", () => {
  using room = openRoom();
  const { bootstrapToken, setupId } = createSetup(room, "limited");
  const outcomes = Array.from({ length: 50 }, (_, at) =>
    redeemSetup(room, bootstrapToken, device(`phone-${at}`, { clientId: "openclaw-ios" })),
  );
  const [first, ...others] = outcomes;
  assert.ok(others.every((outcome) => outcome === undefined));
  assert.deepEqual(
    first!.tokens.map(({ role }) => role),
    ["node", "operator"],
  );
  assert.ok(!first!.tokens[1]!.scopes.includes("operator.admin"));
  assert.equal(findSetup(room, setupId)?.deviceId, "phone-0");
  assert.equal(room.store.count(), 1);
});

test("a setup code ends after ten minutes, and makes anything but a phone a node", () => {
  using room = openRoom();
  const late = createSetup(room, "full");
  room.clock.advance(SETUP_LIFETIME_MS);
  assert.equal(redeemSetup(room, late.bootstrapToken, device("a")), undefined);
  assert.equal(redeemSetup(room, "guess", device("a")), undefined);
  const code = createSetup(room, "full");
  const redeemed = redeemSetup(room, code.bootstrapToken, device("a", { clientId: "node-host" }));
  assert.deepEqual(
    redeemed?.tokens.map(({ role }) => role),
    ["node"],
  );
});

test("a device waits for more rights and gets a token for them", async () => {
  using room = openRoom();
  enters(room, asking("a", { localDirect: true }));
  const { upgrades } = room.devices;
  const wanted = ["operator.read", "operator.write"];
  assert.throws(
    () => upgrades.request("a", ["operator.read"], ["operator.write"], "127.0.0.1"),
    refusedAs("requested scopes must include the connection's current scopes"),
  );
  const { requestId } = upgrades.request("a", ["operator.read"], wanted, "127.0.0.1");
  const answer = upgrades.wait("a", requestId, new AbortController().signal);
  await assert.rejects(upgrades.wait("b", requestId, new AbortController().signal), /unknown requestId/);
  approveRequest(room.devices, OWNER, requestId);
  const result = await answer;
  assert.equal(result.status, "approved");
  if (result.status !== "approved") return;
  assert.deepEqual(result.scopes, wanted);
  assert.ok(findToken(room, { deviceId: "a", role: "operator", token: result.deviceToken }));
});

test("waiting for more rights ends with rejection, with time, or with the one who waits", async () => {
  using room = openRoom();
  enters(room, asking("a", { localDirect: true }));
  const { upgrades } = room.devices;
  const ask = () => upgrades.request("a", [], ["operator.write"], "127.0.0.1").requestId;
  const rejected = ask();
  const first = upgrades.wait("a", rejected, new AbortController().signal);
  rejectRequest(room.devices, OWNER, rejected);
  assert.equal((await first).status, "rejected");
  const second = upgrades.wait("a", ask(), new AbortController().signal);
  room.clock.advance(300_000);
  assert.equal((await second).status, "expired");
  const gone = new AbortController();
  const third = upgrades.wait("a", ask(), gone.signal);
  gone.abort(new Error("went away"));
  await assert.rejects(third, /went away/);
});

test("entries show no hash and no token", () => {
  using room = openRoom();
  const { token } = enters(room, asking("a", { localDirect: true }))!;
  const entry = deviceEntry(room, room.store.find("a")!);
  const text = JSON.stringify(entry);
  assert.ok(!text.includes(token) && !/[0-9a-f]{64}/.test(text));
  assert.deepEqual(entry.roles, ["operator"]);
  assert.equal(entry.connected, false);
});

test("a damaged file costs the pairings and is kept beside the new one", () => {
  using room = openRoom();
  enters(room, asking("a", { localDirect: true }));
  room.close();
  writeFileSync(room.path, "this is no database, whatever its name says ".repeat(200));
  using again = room.open();
  assert.equal(again.store.count(), 0);
  assert.equal(room.aside.length, 1);
  assert.ok(readdirSync(room.dir).some((name) => name.startsWith("devices.sqlite.damaged.")));
});
