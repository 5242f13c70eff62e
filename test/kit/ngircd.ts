import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { until } from "./until.ts";

const NGIRCD = ["/usr/sbin/ngircd", "/usr/local/sbin/ngircd", "/usr/bin/ngircd"].find(existsSync);
const REQUIRED = process.env.OPENCLAW_TEST_REQUIRE_SYSTEM === "1";

/** Why tests with a real IRC server are skipped here, or false; where the machine must be complete they fail instead. */
export const noNgircd: string | false = NGIRCD === undefined && !REQUIRED ? "ngircd is not installed" : false;

/** A real ngircd on ports of its own. */
export interface Ngircd extends AsyncDisposable {
  port: number;
  /** Undefined without `tls`. */
  tlsPort: number | undefined;
  /** SIGKILL: nobody is told. */
  kill(): Promise<void>;
  /** The same server on the same ports again. */
  start(): Promise<void>;
}

export async function openNgircd(tls?: { cert: string; key: string }): Promise<Ngircd> {
  if (NGIRCD === undefined) throw new Error("ngircd is not installed: apt-get install -y ngircd");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-ngircd-"));
  const port = await freePort();
  const tlsPort = tls && (await freePort());
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  // Started by root it works as somebody else, who has to get at these files.
  chmodSync(dir, 0o755);
  const conf = file(
    "ngircd.conf",
    [
      "[Global]",
      "Name = irc.test.local",
      "Info = test",
      "Listen = 127.0.0.1",
      `Ports = ${port}`,
      `ServerUID = ${userInfo().username}`,
      "MotdPhrase = hello",
      "[Limits]",
      "MaxConnections = 0",
      "MaxConnectionsIP = 0",
      "MaxJoins = 0",
      // Everybody comes from one address and says a lot at once.
      "MaxPenaltyTime = 0",
      "[Options]",
      "DNS = no",
      "Ident = no",
      "PAM = no",
      "SyslogFacility = local7",
      ...(tls
        ? [
            "[SSL]",
            `Ports = ${tlsPort}`,
            `CertFile = ${file("cert.pem", tls.cert)}`,
            `KeyFile = ${file("key.pem", tls.key)}`,
          ]
        : []),
      "",
    ].join("\n"),
  );
  let child: ChildProcess | undefined;
  let said = "";

  async function start(): Promise<void> {
    child = spawn(NGIRCD!, ["--nodaemon", "--config", conf], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        said = (said + chunk).slice(-4_000);
      });
    const running = child;
    await until("ngircd listens", async () => {
      if (running.exitCode !== null) throw new Error(`ngircd ended: ${said}`);
      return await accepts(port);
    });
  }

  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
    running.kill("SIGKILL");
    await ended;
  }

  await start();
  return {
    port,
    tlsPort,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
