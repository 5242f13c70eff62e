import type { Config } from "../config/schema.ts";
import { isRecord } from "../protocol/frames.ts";
import type { ProbedTarget, ProbeWarning } from "./gateway-probe-payload.ts";
import type { TargetId, TunnelFailure } from "./gateway-probe-targets.ts";

/** Pure. */
export function warningsOf(
  targets: readonly ProbedTarget[],
  config: Config,
  tunnelFailed: TunnelFailure | undefined,
): ProbeWarning[] {
  return [
    ...(tunnelFailed === undefined ? [] : [tunnelWarning(tunnelFailed)]),
    ...multiple(targets),
    ...scopeLimited(targets.filter(({ connect }) => connect.scopeLimited)),
    ...followUp(targets.filter(({ connect }) => connect.ok && !connect.rpcOk && !connect.scopeLimited)),
    ...unresolved(config),
  ];
}

function tunnelWarning({ reason, tryIt }: TunnelFailure): ProbeWarning {
  return {
    code: "ssh_tunnel_failed",
    message: "SSH tunnel failed to start; falling back to direct probes.",
    detail: reason,
    fix: tryIt,
    targetIds: ["sshTunnel"],
  };
}

/** The same gateway by two ways is one. One that says nothing of itself counts by its address. */
function multiple(targets: readonly ProbedTarget[]): ProbeWarning[] {
  const connected = targets.filter(({ connect }) => connect.ok);
  const identities = new Map(connected.map((each) => [each.self?.bootId ?? each.url, each]));
  if (identities.size < 2) return [];
  const found = [...identities.values()];
  return [
    {
      code: "multiple_gateways",
      message:
        "multiple reachable gateways detected: each needs its own gateway.port, OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR and agents.defaults.workspace",
      detail: found.map(({ url, self }) => `${url} (v${self?.version})`).join(", "),
      fix: "openclaw gateway status --deep",
      targetIds: found.map(({ id }) => id),
    },
  ];
}

function scopeLimited(targets: readonly ProbedTarget[]): ProbeWarning[] {
  if (targets.length === 0) return [];
  return [
    {
      code: "probe_scope_limited",
      message: "Read-probe diagnostics are limited by gateway scopes (missing operator.read)",
      detail: targets
        .map(({ url, auth }) => `${url} grants ${auth.scopes.join(", ") || "no scopes"}`)
        .join("; "),
      fix: "openclaw devices rotate --device <id> --role operator --scope operator.read",
      targetIds: targets.map(({ id }) => id),
    },
  ];
}

function followUp(targets: readonly ProbedTarget[]): ProbeWarning[] {
  return targets.map(({ id, url, failed }) => ({
    code: "probe_followup_failed",
    message: "Gateway accepted the WebSocket connection, but follow-up read diagnostics failed",
    detail: `${url}: ${failed.map(({ method, reason }) => (reason.startsWith(method) ? reason : `${method}: ${reason}`)).join("; ")}`,
    fix: "openclaw gateway probe --json",
    targetIds: [id],
  }));
}

/** References are kept in the config; this version does not look anything up for them. */
function unresolved({ gateway }: Config): ProbeWarning[] {
  const { auth, remote } = gateway ?? {};
  const places: [string, unknown, TargetId][] = [
    ["gateway.auth.token", auth?.token, "localLoopback"],
    ["gateway.auth.password", auth?.password, "localLoopback"],
    ["gateway.remote.token", remote?.token, "configRemote"],
    ["gateway.remote.password", remote?.password, "configRemote"],
  ];
  return places
    .filter(([, value]) => isRecord(value))
    .map(([path, value, id]) => {
      const { source, id: name } = value as Record<string, unknown>;
      return {
        code: "auth_secretref_unresolved",
        message: `${path} SecretRef ${source}:${name} could not be resolved`,
        detail: "this version does not resolve secret references; the probe went without that secret",
        fix: `openclaw config set ${path} '\${${source === "env" ? name : "NAME_OF_A_VARIABLE"}}'`,
        targetIds: [id],
      };
    });
}
