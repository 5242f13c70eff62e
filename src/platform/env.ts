import { existsSync } from "node:fs";
import { childVariables } from "./child-env.ts";
import { Fault } from "./fault.ts";

/** The environment, asked once. An empty variable counts as unset everywhere. */
export interface Env {
  /** Folder that `~` stands for: OPENCLAW_HOME, else HOME, else the account's home. */
  home: string;
  stateDir?: string;
  configPath?: string;
  profile?: string;
  gateway: {
    port?: number;
    bind?: string;
    mode?: string;
    token?: string;
    password?: string;
    url?: string;
    extraPorts: number[];
  };
  handshakeTimeoutMs?: number;
  maxPreauthConnectionsPerIp?: number;
  startupTimeoutMs?: number;
  /** For tests; see `failpoints.ts`. */
  faultPlan?: string;
  skipCron: boolean;
  inContainer: boolean;
  allowInsecurePrivateWs: boolean;
  noColor: boolean;
  logLevel?: string;
  tz?: string;
  /** Any variable by name, for `${NAME}` in the config and for provider keys. */
  get(name: string): string | undefined;
  /** A fresh environment for a child process; see `childVariables`. */
  childEnv(): Record<string, string>;
  /** Everything, for `readEnv` in a thread of this process or in a gateway of its own; never for another program. */
  variables(): NodeJS.ProcessEnv;
}

/** Throws `Fault` (78) that names the variable when one holds a value that cannot be used. */
export function readEnv(raw: NodeJS.ProcessEnv = process.env): Env {
  const get = (name: string) => raw[name] || undefined;
  const extraPorts = (get("OPENCLAW_GATEWAY_EXTRA_PORTS") ?? "").split(/[\s,]+/).filter(Boolean);
  return {
    home: homeFolder(get),
    stateDir: get("OPENCLAW_STATE_DIR"),
    configPath: get("OPENCLAW_CONFIG_PATH"),
    profile: get("OPENCLAW_PROFILE"),
    gateway: {
      port: port("OPENCLAW_GATEWAY_PORT", get("OPENCLAW_GATEWAY_PORT")),
      bind: get("OPENCLAW_GATEWAY_BIND"),
      mode: get("OPENCLAW_GATEWAY_MODE"),
      token: get("OPENCLAW_GATEWAY_TOKEN"),
      password: get("OPENCLAW_GATEWAY_PASSWORD"),
      url: get("OPENCLAW_GATEWAY_URL"),
      extraPorts: extraPorts.map((text) => port("OPENCLAW_GATEWAY_EXTRA_PORTS", text)!),
    },
    handshakeTimeoutMs: positive("OPENCLAW_HANDSHAKE_TIMEOUT_MS", get),
    maxPreauthConnectionsPerIp: positive("OPENCLAW_MAX_PREAUTH_CONNECTIONS_PER_IP", get),
    startupTimeoutMs: positive("OPENCLAW_STARTUP_TIMEOUT_MS", get),
    faultPlan: get("OPENCLAW_FAULT_PLAN"),
    skipCron: isOn(get("OPENCLAW_SKIP_CRON")),
    inContainer: isInContainer(get),
    allowInsecurePrivateWs: isOn(get("OPENCLAW_ALLOW_INSECURE_PRIVATE_WS")),
    noColor: get("NO_COLOR") !== undefined || get("TERM") === "dumb",
    logLevel: get("OPENCLAW_LOG_LEVEL"),
    tz: get("TZ"),
    get,
    childEnv: () => childVariables(raw, process.platform),
    variables: () => ({ ...raw }),
  };
}

type Lookup = (name: string) => string | undefined;

function homeFolder(get: Lookup): string {
  const account = get("HOME") ?? process.getBuiltinModule("node:os").homedir();
  const chosen = get("OPENCLAW_HOME");
  return chosen === undefined ? account : chosen.replace(/^~(?=$|[/\\])/, () => account);
}

function port(name: string, text: string | undefined): number | undefined {
  return whole(name, text, 65_535, "a port number from 1 to 65535");
}

function positive(name: string, get: Lookup): number | undefined {
  return whole(name, get(name), 2_147_483_647, "a whole number above zero");
}

function whole(name: string, text: string | undefined, max: number, wanted: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  if (value < 1 || value > max) {
    throw new Fault(`${name}="${text.slice(0, 40)}" is not ${wanted}`, {
      why: "The variable is set in the environment this command was started from.",
      fix: `unset ${name}`,
      exitCode: 78,
    });
  }
  return value;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !["0", "false", "no", "off"].includes(value.toLowerCase());
}

function isInContainer(get: Lookup): boolean {
  const said = get("OPENCLAW_IN_CONTAINER");
  return said === undefined ? existsSync("/.dockerenv") || existsSync("/run/.containerenv") : isOn(said);
}
