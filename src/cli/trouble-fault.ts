import { Fault } from "../platform/fault.ts";
import { isLoopback } from "../platform/network.ts";
import type { Target } from "./target.ts";
import type { Trouble } from "./trouble.ts";

/**
 * The guides know several spellings of "the gateway is down" (behaviour.md, connection failures); each has its
 * own surface and none prints two of them: `check` is for health and status, `send` for agent, `message` for messages to
 * chats, `call` for the rest.
 */
export type Surface = "check" | "send" | "message" | "call";

/** The block a person sees when a command could not use the gateway. `command` is what was typed, without options. */
export function troubleFault(trouble: Trouble, target: Target, surface: Surface, command: string): Fault {
  const where = `${target.host}:${target.port}`;
  const what = heading(trouble, surface);
  const { why, fix } = advice(trouble, target, where, surface, command);
  // The guides' line for it; the check has said so already.
  const lines =
    trouble.kind === "device-token" && surface !== "check" ? ["connect failed: device token mismatch"] : [];
  return new Fault(what, { why, lines, cause: trouble.cause, ...(fix && { fix }) });
}

function heading(trouble: Trouble, surface: Surface): string {
  const silent = trouble.kind === "refused" || trouble.kind === "timeout" || trouble.kind === "not-found";
  if (silent && surface === "check") return "openclaw connection error: gateway unreachable";
  if (trouble.kind === "device-token" && surface === "check")
    return "Error: device token mismatch — please re-pair this device";
  if (trouble.kind === "pairing" && surface === "check") return "gateway closed (1008): pairing required";
  if (silent && surface === "message") return "Error: cannot send — no active gateway connection";
  if (silent && surface === "send") return "Error: send failed — gateway not connected";
  return `gateway connect failed: ${trouble.reason}`;
}

function advice(
  trouble: Trouble,
  target: Target,
  where: string,
  surface: Surface,
  command: string,
): { why: string; fix?: string } {
  const { credentials } = target;
  switch (trouble.kind) {
    case "refused":
      return { why: refusedBy(where, surface), fix: start(target) };
    case "not-found":
    case "timeout":
      return {
        why: `failed to connect to gateway at ${where}: ${trouble.reason}`,
        fix: target.local ? "openclaw gateway status" : "openclaw config get gateway.remote.url",
      };
    case "no-gateway":
      return {
        why: `failed to connect to gateway at ${where}: another program has that port`,
        fix: target.local ? "openclaw config set gateway.port <another port>" : undefined,
      };
    case "untrusted-proxy":
      return {
        why: `a proxy in front of ${where} is not in the gateway's list of trusted proxies`,
        fix: `openclaw config set gateway.trustedProxies '["127.0.0.1"]'`,
      };
    case "starting":
      return { why: `the gateway at ${where} is not ready yet`, fix: "openclaw health --wait 30s" };
    case "credentials":
      return {
        why: credentials.source
          ? `the gateway at ${where} does not accept ${credentials.source}`
          : `no token is known here for the gateway at ${where}`,
        fix: `openclaw ${command} --token <the token that gateway was started with>`,
      };
    case "device-token":
      return {
        why: `the gateway at ${where} does not know the device token that is kept here for it`,
        fix: target.local ? "openclaw doctor --fix && openclaw restart" : "openclaw doctor --fix",
      };
    case "scope":
      return {
        why: `the device token kept here for ${where} does not cover what this command needs`,
        fix: `openclaw ${command} --token <the token that gateway was started with>`,
      };
    case "locked-out":
      return { why: `too many wrong tokens reached ${where}; it accepts new ones after a while` };
    case "pairing":
      return {
        why: `the gateway at ${where} wants this device to be approved by its owner first, on the gateway's own machine`,
        fix:
          trouble.requestId === undefined
            ? "openclaw devices list"
            : `openclaw devices approve ${trouble.requestId}`,
      };
    case "protocol":
      return { why: `the gateway at ${where} is of another generation`, fix: "openclaw --version" };
    case "closed":
      return { why: `the gateway at ${where} ended the connection`, fix: "openclaw logs --tail 50" };
    case "failed":
      return { why: `failed to connect to gateway at ${where}`, fix: "openclaw gateway status" };
  }
}

function refusedBy(where: string, surface: Surface): string {
  switch (surface) {
    case "check":
      return `connect ECONNREFUSED ${where} — nothing is listening there`;
    case "send":
    case "message":
      return `nothing is listening at ${where}; the message was not sent`;
    case "call":
      return `failed to connect to gateway at ${where}: nothing is listening there`;
  }
}

function start(target: Target): string {
  const here = target.local || isLoopback(target.host.replace(/^\[(.*)\]$/, "$1"));
  return here ? "openclaw start" : `openclaw start (on ${target.host})`;
}
