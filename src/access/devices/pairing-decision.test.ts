import assert from "node:assert/strict";
import { test } from "node:test";
import { decidePairing, type PairingFacts } from "./pairing-decision.ts";
import type { Grant, PairedDevice } from "./records.ts";

const paired = (...grants: Grant[]): PairedDevice => ({
  deviceId: "d",
  publicKey: "k",
  platform: "linux",
  deviceFamily: "",
  clientId: "cli",
  clientMode: "cli",
  remoteIp: "127.0.0.1",
  approvedVia: "owner",
  createdAtMs: 1,
  approvedAtMs: 1,
  lastSeenAtMs: 1,
  lastSeenReason: "connect",
  grants,
});
const reader: Grant = { role: "operator", scopes: ["operator.read"], approvedAtMs: 1 };
const here: PairingFacts = {
  role: "operator",
  scopes: ["operator.read"],
  platform: "linux",
  deviceFamily: "",
  credential: "secret",
  localDirect: true,
  known: undefined,
  silentRoom: true,
};
const elsewhere = { ...here, localDirect: false };

const CASES: readonly { name: string; facts: PairingFacts; want: string }[] = [
  { name: "an unknown device on this machine is paired silently", facts: here, want: "pair-silently" },
  { name: "so is a node", facts: { ...here, role: "node", scopes: [] }, want: "pair-silently" },
  {
    name: "[AUTH-38] not when too many were paired so already",
    facts: { ...here, silentRoom: false },
    want: "not-paired",
  },
  { name: "an unknown device from elsewhere waits", facts: elsewhere, want: "not-paired" },
  {
    name: "a known one that asks for what it has",
    facts: { ...elsewhere, known: paired(reader) },
    want: "known",
  },
  {
    name: "write covers read",
    facts: { ...elsewhere, known: paired({ ...reader, scopes: ["operator.write"] }) },
    want: "known",
  },
  {
    name: "more scopes on this machine widen the record",
    facts: { ...here, scopes: ["operator.admin"], known: paired(reader) },
    want: "widen",
  },
  {
    name: "more scopes from elsewhere wait",
    facts: { ...elsewhere, scopes: ["operator.admin"], known: paired(reader) },
    want: "scope-upgrade",
  },
  {
    name: "[AUTH-33] approved for nothing is approved for nothing",
    facts: { ...elsewhere, known: paired({ ...reader, scopes: [] }) },
    want: "scope-upgrade",
  },
  {
    name: "a new role waits, on this machine too",
    facts: { ...here, role: "node", scopes: [], known: paired(reader) },
    want: "role-upgrade",
  },
  {
    name: "[AUTH-35] a revoked role does not come back by itself, on this machine neither",
    facts: { ...here, known: paired({ ...reader, revokedAtMs: 2 }) },
    want: "role-upgrade",
  },
  {
    name: "another platform waits, on this machine too",
    facts: { ...here, platform: "darwin", known: paired(reader) },
    want: "metadata-upgrade",
  },
  {
    name: "with a device token as well",
    facts: { ...elsewhere, credential: "device-token", platform: "darwin", known: paired(reader) },
    want: "metadata-upgrade",
  },
  {
    name: "case and blanks of the platform do not matter",
    facts: { ...elsewhere, platform: " Linux ", known: paired(reader) },
    want: "known",
  },
  {
    name: "a family that was not known then is no change",
    facts: { ...elsewhere, deviceFamily: "x86", known: paired(reader) },
    want: "known",
  },
];
for (const { name, facts, want } of CASES) {
  test(name, () => {
    const decision = decidePairing(facts);
    assert.equal(decision.kind === "ask-owner" ? decision.reason : decision.kind, want);
  });
}
