import assert from "node:assert/strict";
import { isIP } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";
import { isLoopback, lanAddress, pickLanAddress } from "./network.ts";

const LOOPBACK = [
  "127.0.0.1",
  "127.255.3.4",
  "::1",
  "[::1]",
  "0:0:0:0:0:0:0:1",
  "::ffff:127.0.0.1",
  "::FFFF:7f00:1",
  "localhost",
  "LOCALHOST",
];
for (const address of LOOPBACK) {
  test(`${address} is this machine`, () => assert.equal(isLoopback(address), true));
}

const ELSEWHERE = [
  "",
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "128.0.0.1",
  "127.0.0.1.evil.com",
  "127.1",
  "0x7f000001",
  "2130706433",
  "127.0.0.1:80",
  "::ffff:10.0.0.1",
  "::2",
  "1::1",
  "localhost.evil.com",
  "[127.0.0.1",
  "::ffff:127.0.0.1%lo",
  "fe80::1",
];
for (const address of ELSEWHERE) {
  test(`${JSON.stringify(address)} is not taken for this machine`, () =>
    assert.equal(isLoopback(address), false));
}

const card = (address: string, extra: Partial<NetworkInterfaceInfo> = {}) =>
  ({ address, family: "IPv4", internal: false, ...extra }) as NetworkInterfaceInfo;

const PICKS = [
  {
    name: "a real card before a virtual one",
    cards: { docker0: [card("172.17.0.1")], eth0: [card("192.168.1.9")] },
    want: "192.168.1.9",
  },
  {
    name: "a private address before a public one",
    cards: { a: [card("8.8.8.8")], b: [card("10.0.0.2")] },
    want: "10.0.0.2",
  },
  { name: "a public one before none", cards: { eth0: [card("8.8.8.8")] }, want: "8.8.8.8" },
  { name: "a virtual one before none", cards: { wg0: [card("10.9.0.2")] }, want: "10.9.0.2" },
  { name: "no loopback", cards: { lo: [card("127.0.0.1", { internal: true })] }, want: undefined },
  { name: "no link-local address", cards: { eth0: [card("169.254.3.4")] }, want: undefined },
  { name: "no IPv6", cards: { eth0: [card("fd00::1", { family: "IPv6" as never })] }, want: undefined },
  { name: "nothing without cards", cards: {}, want: undefined },
];
for (const { name, cards, want } of PICKS) {
  test(`the address for the local network: ${name}`, () => assert.equal(pickLanAddress(cards), want));
}

test("this machine's own cards are understood", () => {
  const address = lanAddress();
  assert.ok(address === undefined || isIP(address) === 4);
});
