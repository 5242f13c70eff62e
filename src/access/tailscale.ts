import type { Clock } from "../platform/clock.ts";
import { runChild } from "../platform/spawn.ts";
import { isRecord } from "../protocol/frames.ts";
import { type IdentityVerdict, identityRefused } from "./identity.ts";
import type { ClientAddress } from "./origin.ts";

/** The login that Tailscale knows an address of the tailnet by; undefined where it knows none. May reject. */
export type Whois = (ip: string, signal: AbortSignal) => Promise<string | undefined>;

const WHOIS_MS = 3_000;
const KNOWN_MS = 60_000;
const FAILED_MS = 5_000;
const MAX_ADDRESSES = 256;

/**
 * Headers of `tailscale serve` can be sent by any program on this machine; Tailscale itself says whose address it is.
 * Never rejects: not knowing is a refusal.
 */
export async function identifyByTailscale(
  { ip, tailscale }: ClientAddress,
  whois: Whois,
): Promise<IdentityVerdict | undefined> {
  if (!tailscale) return undefined;
  const { login } = tailscale;
  if (login === undefined)
    return identityRefused(
      "tailscale sent no identity",
      "AUTH_TAILSCALE_IDENTITY_MISSING",
      "tailscale_user_missing",
    );
  const found = await whois(ip, AbortSignal.timeout(WHOIS_MS)).catch(() => undefined);
  if (found === undefined)
    return identityRefused("tailscale whois failed", "AUTH_TAILSCALE_WHOIS_FAILED", "tailscale_whois_failed");
  if (found.toLowerCase() !== login.toLowerCase()) {
    return identityRefused(
      "tailscale identity mismatch",
      "AUTH_TAILSCALE_IDENTITY_MISMATCH",
      "tailscale_user_mismatch",
    );
  }
  return { kind: "known", method: "tailscale", user: found, scopes: undefined };
}

/** Asks the `tailscale` program on the PATH, and remembers for a minute what it said. */
export function openWhois(input: { cwd: string; env: Record<string, string>; clock: Clock }): Whois {
  const { clock } = input;
  const known = new Map<string, { answer: Promise<string | undefined>; untilMs: number }>();

  return (ip, signal) => {
    const now = clock.monotonic();
    const found = known.get(ip);
    if (found && now < found.untilMs) return found.answer;
    const entry = { answer: ask(ip, input, signal), untilMs: now + KNOWN_MS };
    known.delete(ip);
    known.set(ip, entry);
    if (known.size > MAX_ADDRESSES) known.delete(known.keys().next().value!);
    entry.answer.then(
      (login) => {
        if (login === undefined) entry.untilMs = now + FAILED_MS;
      },
      () => {
        entry.untilMs = now + FAILED_MS;
      },
    );
    return entry.answer;
  };
}

async function ask(
  ip: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { exitCode, output } = await runChild({
    command: "tailscale",
    args: ["whois", "--json", ip],
    cwd,
    env,
    signal,
    timeoutMs: WHOIS_MS,
    maxOutputBytes: 65_536,
  });
  if (exitCode !== 0) return undefined;
  const answer: unknown = JSON.parse(output);
  const profile = isRecord(answer) ? answer.UserProfile : undefined;
  const login = isRecord(profile) ? profile.LoginName : undefined;
  return typeof login === "string" && login !== "" ? login : undefined;
}
