import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Namespace, openNamespace } from "./namespace.ts";
import { freePort } from "./port.ts";
import { systemdShims, writeShims } from "./shims.ts";
import { localConfig, makeState, type StateFolder } from "./state.ts";

/** An account whose home is a folder of the test, on a machine whose systemd is ours and whose units are nobody's. */
export interface ServiceAccount extends AsyncDisposable {
  state: StateFolder;
  home: string;
  port: number;
  /** What is /etc/systemd/system there. */
  units: string;
  /** What systemctl was called with, oldest first. */
  calls(): string[];
}

export async function openServiceAccount(): Promise<ServiceAccount> {
  const state = makeState();
  const port = await freePort();
  state.write(localConfig(port));
  const home = dirname(state.dir);
  const units = join(home, "system-units");
  const systemd = join(home, "fake-systemd");
  for (const folder of [units, systemd]) mkdirSync(folder);
  const passwd = join(home, "passwd");
  const others = readFileSync("/etc/passwd", "utf8").replace(/^root:.*\n/m, "");
  writeFileSync(passwd, `root:x:0:0:root:${home}:/bin/sh\n${others}`);
  chmodSync(passwd, 0o644);
  const shims = writeShims(join(home, "shims"), systemdShims(systemd));
  // A service starts with the places of the account alone.
  delete state.env.OPENCLAW_STATE_DIR;
  Object.assign(state.env, { PATH: `${shims}:${state.env.PATH}` });
  const namespace: Namespace = await openNamespace([
    { kind: "bind", from: passwd, to: "/etc/passwd" },
    { kind: "bind", from: units, to: "/etc/systemd/system" },
  ]);
  state.through = namespace.through;
  return {
    ...{ state, home, port, units },
    calls: () => readFileSync(join(systemd, "calls"), "utf8").trim().split("\n"),
    async [Symbol.asyncDispose]() {
      await namespace[Symbol.asyncDispose]();
      state[Symbol.dispose]();
    },
  };
}
