import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";
import { findRunningGateway } from "../platform/running-gateway.ts";
import { DEFAULT_PORT } from "../protocol/limits.ts";
import type { CommandContext } from "./context.ts";
import { remoteCredentials } from "./credentials.ts";
import { openSshTunnel, parseSshTarget, type Tunnel } from "./ssh-tunnel.ts";
import { localTarget, remoteTarget, type Target, type TargetFlags } from "./target.ts";
import { gatherTargetInput } from "./target-input.ts";
import { UsageError } from "./usage.ts";

/** Who is asked, the one that counts first. */
export type TargetId = "explicit" | "sshTunnel" | "configRemote" | "localLoopback";

export interface ProbeTarget {
  id: TargetId;
  target: Target;
  /** Commands without options talk to this one. */
  active: boolean;
  /** By whose machine it is reached. */
  via?: string;
}

export interface TargetsInput {
  flags: TargetFlags;
  ssh?: string | undefined;
  identity?: string | undefined;
  timeoutMs: number;
}

export interface Targets extends Disposable {
  list: ProbeTarget[];
  /** Why there is no tunnel, where one was wanted. */
  tunnelFailed?: TunnelFailure;
}

export interface TunnelFailure {
  reason: string;
  /** Shows more. */
  tryIt: string;
}

/**
 * The gateway that was named, the far end of a tunnel, the one of `gateway.remote`, and that of this machine. What is
 * typed as a secret is shown only to the first of them, and each of the others gets what the config has for it.
 */
export async function openTargets(context: CommandContext, input: TargetsInput): Promise<Targets> {
  const { flags, ssh } = input;
  const { env, paths } = context;
  const { config } = await context.config();
  const active = await context.target();
  const tunnel = await tunnelTo(context, config, input);
  const list: ProbeTarget[] = [];
  if (active.explicit) list.push({ id: "explicit", target: active, active: true });
  if (tunnel?.kind === "open") {
    const own = active.explicit ? {} : flags;
    const target = behindTunnel(tunnel.port, remoteCredentials(own, withoutSecrets(env), config));
    list.push({ id: "sshTunnel", target, active: false, via: `ssh ${sshTargetOf(ssh, config)}` });
  }
  const isFirst = list.length === 0 && ssh === undefined;
  const isRemote = config.gateway?.mode === "remote" && config.gateway.remote?.url !== undefined;
  const forTarget = (isActive: boolean) =>
    isFirst && isActive ? { flags, env } : { flags: {}, env: withoutSecrets(env) };

  const remote = remoteTarget({ config, ...forTarget(isRemote) });
  if (remote) list.push({ id: "configRemote", target: remote, active: isRemote && !active.explicit });
  const known = { paths, config, running: findRunningGateway(paths), ...forTarget(!isRemote) };
  const here = localTarget(await gatherTargetInput(known));
  list.push({ id: "localLoopback", target: here, active: !isRemote && !active.explicit });
  return {
    list,
    ...(tunnel?.kind === "failed" && { tunnelFailed: failureOf(tunnel.reason, sshTargetOf(ssh, config)!) }),
    [Symbol.dispose]() {
      if (tunnel?.kind === "open") tunnel[Symbol.dispose]();
    },
  };
}

function failureOf(reason: string, text: string): TunnelFailure {
  const { destination, port } = parseSshTarget(text)!;
  return { reason, tryIt: `ssh -v ${port === undefined ? "" : `-p ${port} `}${destination} true` };
}

function behindTunnel(port: number, credentials: Target["credentials"]): Target {
  const url = `ws://127.0.0.1:${port}`;
  return { url, host: "127.0.0.1", port, local: false, explicit: true, credentials, notices: [] };
}

/** A secret in the environment belongs to the gateway that commands talk to. */
function withoutSecrets(env: Env): Env {
  const { token: _token, password: _password, ...gateway } = env.gateway;
  return { ...env, gateway };
}

function sshTargetOf(ssh: string | undefined, config: Config): string | undefined {
  const { transport, sshTarget } = config.gateway?.remote ?? {};
  return ssh ?? (transport === "ssh" ? sshTarget : undefined);
}

async function tunnelTo(
  { env, signal }: CommandContext,
  config: Config,
  { ssh, identity, timeoutMs }: TargetsInput,
): Promise<Tunnel | undefined> {
  const text = sshTargetOf(ssh, config);
  if (text === undefined) return undefined;
  const to = parseSshTarget(text);
  if (!to)
    throw new UsageError(`"${text}" is no address for ssh: user@host or user@host:port`, [
      "gateway",
      "probe",
    ]);
  const { sshIdentity, remotePort = DEFAULT_PORT } = config.gateway?.remote ?? {};
  const key = identity ?? sshIdentity;
  return await openSshTunnel({
    to,
    remotePort,
    env,
    timeoutMs,
    signal,
    ...(key !== undefined && { identity: key.replace(/^~(?=\/)/, env.home) }),
  });
}
