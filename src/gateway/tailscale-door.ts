import type { Whois } from "../access/tailscale.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";

/** Asks Tailscale who has an address; loaded with the first client that came through `tailscale serve`. */
export function openTailscaleDoor({ env, paths, clock }: { env: Env; paths: Paths; clock: Clock }): Whois {
  let whois: Promise<Whois> | undefined;
  return async (ip, signal) => {
    whois ??= import("../access/tailscale.ts").then(({ openWhois }) =>
      openWhois({ cwd: paths.stateDir, env: env.childEnv(), clock }),
    );
    return (await whois)(ip, signal);
  };
}
