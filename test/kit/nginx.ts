import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { until } from "./until.ts";

/** A reverse proxy as people have it in front of their gateway; gone with the `using` block. */
export interface Nginx extends AsyncDisposable {
  port: number;
}

const executable = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].find(existsSync);

/** Why tests with nginx are skipped here, or false; where the machine must be complete they fail instead. */
export const noNginx: string | false =
  executable === undefined && process.env.OPENCLAW_TEST_REQUIRE_SYSTEM !== "1"
    ? "nginx is not installed"
    : false;

/** `location`: what stands in `location / { … }` beside `proxy_pass`. */
export async function openNginx(upstreamPort: number, location: string): Promise<Nginx> {
  if (executable === undefined) throw new Error("nginx is not installed: apt-get install -y nginx-light");
  const dir = mkdtempSync(join(tmpdir(), "openclaw-nginx-"));
  const port = await freePort();
  mkdirSync(join(dir, "temp"));
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${dir}/temp/${name};`,
  );
  writeFileSync(
    join(dir, "nginx.conf"),
    `daemon off; master_process off; pid ${dir}/nginx.pid; error_log stderr error;
     events { worker_connections 64; }
     http {
       access_log off; ${temp.join(" ")}
       server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstreamPort}; ${location} } }
     }`,
  );
  const child = spawn(executable, ["-p", dir, "-c", join(dir, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until("nginx listens", async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${errors}`);
    return await accepts(port);
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      end(child);
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function end(child: ChildProcess): void {
  if (child.exitCode === null) child.kill("SIGTERM");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
