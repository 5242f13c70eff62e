import { Fault } from "../platform/fault.ts";
import { readListenAddress } from "./listen.ts";
import { type ConfigPath, formatPath } from "./path.ts";
import type { Config } from "./schema.ts";

/** One change of the file; an undefined value takes the key away. */
export interface ConfigEdit {
  path: ConfigPath;
  value: unknown;
}

export interface MappedWrite {
  edits: ConfigEdit[];
  /** What `Updated …` is to name, e.g. "gateway.bind (gateway.host is the older name)". */
  updated: string;
  notice?: string;
}

/**
 * A write in the words of older guides as edits of today's keys (behaviour.md R2–R6); other writes come back as
 * they are. `current` is the config in force. Throws `Fault` (1) for a `gateway.host` that is no address.
 */
export function mapLegacyWrite(path: ConfigPath, value: unknown, current: Config): MappedWrite {
  const name = formatPath(path);
  switch (name) {
    case "gateway.token":
      return writeToken(value, current);
    case "gateway.host":
      return writeHost(value, current);
    case "gateway.bind":
      return writeBind(value);
    case "gateway.mode":
      if (value === "hybrid") return writeHybrid();
  }
  return { edits: [{ path, value }], updated: name };
}

function writeToken(value: unknown, current: Config): MappedWrite {
  const edits: ConfigEdit[] = [
    { path: ["gateway", "auth", "token"], value },
    { path: ["gateway", "token"], value: undefined },
  ];
  if (current.gateway?.auth?.mode === undefined)
    edits.push({ path: ["gateway", "auth", "mode"], value: "token" });
  return { edits, updated: "gateway.auth.token (gateway.token is the older name)" };
}

function writeHost(value: unknown, current: Config): MappedWrite {
  const wish = typeof value === "string" ? readListenAddress(value, "tailnet") : undefined;
  if (!wish) {
    throw new Fault("Config validation failed: gateway.host: expected an IP address or localhost", {
      why: "gateway.host is the older name of gateway.bind",
      fix: "openclaw config set gateway.bind lan",
    });
  }
  const edits: ConfigEdit[] = [
    { path: ["gateway", "bind"], value: wish.bind },
    { path: ["gateway", "host"], value: undefined },
  ];
  if (wish.customBindHost) edits.push({ path: ["gateway", "customBindHost"], value: wish.customBindHost });
  const { mode, remote } = current.gateway ?? {};
  if (wish.bind === "lan" && mode === "remote" && !remote?.url) {
    edits.push({ path: ["gateway", "mode"], value: "local" });
  }
  return { edits, updated: "gateway.bind (gateway.host is the older name)" };
}

function writeBind(value: unknown): MappedWrite {
  const wish = typeof value === "string" ? readListenAddress(value) : undefined;
  const path = ["gateway", "bind"];
  if (!wish) return { edits: [{ path, value }], updated: "gateway.bind" };
  const edits: ConfigEdit[] = [{ path, value: wish.bind }];
  if (wish.customBindHost) edits.push({ path: ["gateway", "customBindHost"], value: wish.customBindHost });
  return { edits, updated: "gateway.bind", notice: `gateway.bind "${value}" is stored as ${wish.bind}` };
}

function writeHybrid(): MappedWrite {
  return {
    edits: [
      { path: ["gateway", "mode"], value: "local" },
      { path: ["gateway", "bind"], value: "lan" },
    ],
    updated: "gateway.mode",
    notice: 'gateway.mode "hybrid" is stored as gateway.mode=local with gateway.bind=lan',
  };
}
