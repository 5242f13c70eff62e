import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { isLoopback } from "../platform/network.ts";
import { attributeClient, isListed, type Perimeter } from "./origin.ts";

const perimeter = (more: Partial<Perimeter> = {}): Perimeter => ({
  trustedProxies: ["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
  allowedOrigins: [],
  loopbackOnly: false,
  allowRealIpFallback: false,
  allowTailscale: false,
  ...more,
});

const from = (remoteAddress: string, headers: Record<string, string>) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

function clientOf(remoteAddress: string, headers: Record<string, string>, more: Partial<Perimeter> = {}) {
  const attribution = attributeClient(from(remoteAddress, headers), perimeter(more));
  if (attribution.kind !== "known") throw new Error("cannot be attributed");
  return attribution.client;
}

const HOPS = [
  ["203.0.113.9", "203.0.113.9"],
  ["203.0.113.9:4711", "203.0.113.9"],
  ["127.0.0.1, 203.0.113.9", "203.0.113.9"],
  ["203.0.113.9, 10.1.2.3", "203.0.113.9"],
  ["198.51.100.1, 203.0.113.9, 10.1.2.3, 127.0.0.1", "203.0.113.9"],
  ["[2001:db8::1]:443", "2001:db8::1"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["203.0.113.9, 127.0.0.2", "unknown"],
  ["::ffff:127.0.0.1", "unknown"],
  ["[::1]:80", "unknown"],
  ["127.1", "unknown"],
  ["", "unknown"],
  ["evil, 203.0.113.9, not-an-address", "unknown"],
] as const;
for (const [header, ip] of HOPS) {
  test(`[AUTH-13] X-Forwarded-For: ${header} is ${ip}`, () => {
    const client = clientOf("127.0.0.1", { "x-forwarded-for": header });
    assert.deepEqual(client, { ip, localDirect: false });
  });
}

test("[AUTH-13] no header whatsoever makes a client behind a proxy one of this machine", () => {
  const part = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom(
      "127.0.0.1",
      "::1",
      "[::1]:80",
      "::ffff:127.0.0.1",
      "127.1",
      "0x7f.1",
      "localhost",
      " ",
      "unknown",
    ),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom(",", ", ", " ,"), (parts, glue) => {
      for (const peer of ["127.0.0.1", "10.9.9.9"]) {
        const { ip, localDirect } = clientOf(peer, { "x-forwarded-for": parts.join(glue) });
        assert.ok(!localDirect && !isLoopback(ip), `${parts.join(glue)} became ${ip}`);
      }
    }),
    { numRuns: 10_000 },
  );
});

test("[AUTH-15] X-Real-IP counts only where the config says so, and never as this machine", () => {
  const real = { "x-real-ip": "203.0.113.9" };
  assert.equal(clientOf("10.0.0.1", real).ip, "10.0.0.1");
  assert.equal(clientOf("10.0.0.1", real, { allowRealIpFallback: true }).ip, "203.0.113.9");
  assert.equal(
    clientOf("10.0.0.1", { "x-real-ip": "127.0.0.1" }, { allowRealIpFallback: true }).ip,
    "10.0.0.1",
  );
});

test("[AUTH-14] forwarding headers of a stranger cannot be attributed", () => {
  for (const header of [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "forwarded",
    "x-real-ip",
  ]) {
    const verdict = attributeClient(from("203.0.113.1", { [header]: "198.51.100.1" }), perimeter());
    assert.deepEqual(verdict, { kind: "unattributable", peer: "203.0.113.1" });
  }
});

test("proxies are listed by address or by network", () => {
  const list = ["192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "nonsense/99"];
  for (const address of ["192.0.2.1", "10.255.0.1", "2001:db8:1::1"])
    assert.ok(isListed(address, list), address);
  for (const address of ["192.0.2.2", "11.0.0.1", "2001:db9::1", "", "10.0.0.0/8x"])
    assert.ok(!isListed(address, list), address);
});

const SERVED = {
  "x-forwarded-for": "100.101.102.103",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "claw.tail1234.ts.net",
  "tailscale-user-login": "ann@example.net",
};

test("tailscale serve is attributed where it is allowed, and only with an address of the tailnet", () => {
  const served = (headers: Record<string, string>, peer = "127.0.0.1", allowTailscale = true) =>
    attributeClient(from(peer, headers), perimeter({ trustedProxies: [], allowTailscale }));
  assert.deepEqual(served(SERVED), {
    kind: "known",
    client: { ip: "100.101.102.103", localDirect: false, tailscale: { login: "ann@example.net" } },
  });
  assert.equal(served(SERVED, "127.0.0.1", false).kind, "unattributable");
  assert.equal(served(SERVED, "203.0.113.1").kind, "unattributable");
  assert.equal(served({ ...SERVED, "x-forwarded-for": "203.0.113.9" }).kind, "unattributable");
  assert.equal(served({ ...SERVED, "x-forwarded-for": "100.101.102.103, 100.1.1.1" }).kind, "unattributable");
});
