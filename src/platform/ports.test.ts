import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { parseLsof, parseNetstat, parseProcNet } from "./listeners.ts";
import { findPortHolder, isAlive, listeningOn } from "./ports.ts";

const canLook = ["linux", "darwin", "win32"].includes(process.platform);

for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
  test(`this very process is found as the holder of its port on ${host}`, {
    skip: !canLook,
  }, async (t) => {
    const server = createServer().listen(0, host);
    if ((await Promise.race([once(server, "listening"), once(server, "error")])).length > 0)
      return t.skip("no IPv6 here");
    const { port } = server.address() as AddressInfo;
    const holder = findPortHolder(port);
    assert.equal(holder?.pid, process.pid);
    assert.match(holder!.command, /node/);
    if (process.platform === "linux")
      assert.equal(holder!.address, host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
    assert.deepEqual(listeningOn(port), [holder!.address]);
    server.close();
    await once(server, "close");
    assert.equal(findPortHolder(port), undefined);
    assert.deepEqual(listeningOn(port), []);
  });
}

test("the holder may be another process", { skip: !canLook }, async () => {
  const child = spawn(
    process.execPath,
    [
      "-e",
      `require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })`,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [port] = await once(child.stdout, "data");
  assert.equal(findPortHolder(Number(port))?.pid, child.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a client of a port is not its holder", { skip: !canLook }, async () => {
  const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect(port, "127.0.0.1");
  await once(client, "connect");
  const own = (client.address() as AddressInfo).port;
  assert.equal(findPortHolder(own), undefined);
  client.destroy();
  server.close();
});

test("processes are alive or not", () => {
  assert.equal(isAlive(process.pid), true);
  assert.equal(isAlive(1), true);
  for (const pid of [0, -1, 4_194_305, 1.5, Number.NaN]) assert.equal(isAlive(pid), false);
});

test("the kernel's table is read: listeners of the port only, addresses in words", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 0100007F:4965 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`;
  assert.deepEqual(parseProcNet(table, 18_789), [{ inode: "4711", address: "127.0.0.1:18789" }]);
  const six = `header\n 0: 00000000000000000000000001000000:4965 0:0 0A 0:0 0:0 0 0 0 99 1\n 1: 0000000000000000FFFF00000100007F:4965 0:0 0A 0:0 0:0 0 0 0 98 1`;
  assert.deepEqual(
    parseProcNet(six, 18_789).map(({ address }) => address),
    ["[::1]:18789", "[::ffff:7f00:1]:18789"],
  );
  assert.deepEqual(parseProcNet("", 80), []);
});

test("what lsof prints is read", () => {
  const text = "p4242\ncnode\nf23\nn127.0.0.1:18789\nf24\nn[::1]:18789\n";
  assert.deepEqual(parseLsof(text), { pid: 4_242, command: "node", address: "127.0.0.1:18789" });
  assert.equal(parseLsof(""), undefined);
});

test("what netstat prints is read, in any language", () => {
  const text = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN          900
  TCP    127.0.0.1:18789        127.0.0.1:50000        HERGESTELLT      1
  TCP    127.0.0.1:18789        0.0.0.0:0              ABHÖREN          4242
`;
  assert.deepEqual(parseNetstat(text, 18_789), { pid: 4_242, address: "127.0.0.1:18789" });
  assert.equal(parseNetstat(text, 8_789), undefined);
});
