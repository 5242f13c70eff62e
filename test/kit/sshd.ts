import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { writeShims } from "./shims.ts";
import { until } from "./until.ts";

const SSHD = ["/usr/sbin/sshd", "/usr/bin/sshd"].find(existsSync);
const SSH = ["/usr/bin/ssh", "/usr/local/bin/ssh"].find(existsSync);
const REQUIRED = process.env.OPENCLAW_TEST_REQUIRE_SYSTEM === "1";

/** Why tests with ssh are skipped here, or false; where the machine must be complete they fail instead. */
export const noSsh: string | false = SSH === undefined && !REQUIRED ? "ssh is not installed" : false;
export const noSshd: string | false =
  noSsh || (SSHD === undefined && !REQUIRED ? "openssh-server is not installed" : false);

/** A real sshd on a port of its own that knows one key, and an `ssh` that knows this sshd. */
export interface Sshd extends AsyncDisposable {
  /** `user@127.0.0.1:port` */
  target: string;
  identity: string;
  /** To be first on PATH: ssh reads its settings from the account, which a test leaves alone. */
  shims: string;
}

export async function openSshd(): Promise<Sshd> {
  if (SSHD === undefined || SSH === undefined)
    throw new Error("sshd is not installed: apt-get install -y openssh-server openssh-client");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-sshd-"));
  const port = await freePort();
  const key = (name: string) => {
    const file = join(dir, name);
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    return file;
  };
  const hostKey = key("host");
  const identity = key("client");
  writeFileSync(join(dir, "authorized"), readFileSync(`${identity}.pub`));
  chmodSync(dir, 0o700);
  const [type, text] = readFileSync(`${hostKey}.pub`, "utf8").split(" ");
  writeFileSync(join(dir, "known"), `[127.0.0.1]:${port} ${type} ${text}\n`);
  writeFileSync(
    join(dir, "sshd_config"),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${join(dir, "authorized")}`,
      `PidFile ${join(dir, "sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "",
    ].join("\n"),
  );
  // Root's sshd wants an empty folder to lock its unprivileged half into.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ["-D", "-e", "-f", join(dir, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until("sshd listens", () => {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    return /listening on/i.test(said);
  });
  const shims = writeShims(join(dir, "shims"), {
    ssh: `exec ${SSH} -F none -o UserKnownHostsFile=${join(dir, "known")} "$@"`,
  });
  return {
    target: `${userInfo().username}@127.0.0.1:${port}`,
    identity,
    shims,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
