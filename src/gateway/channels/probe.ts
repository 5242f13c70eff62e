import type { ProbeResult } from "../../channels/channel.ts";
import type { ConfiguredAccount } from "../../channels/outlets.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { AccountStatus } from "./desk.ts";

export interface ProbeInput {
  clock: Clock;
  log: Log;
  timeoutMs: number;
  statusOf(one: ConfiguredAccount): AccountStatus;
}

/** Asks all platforms at once. One that does not answer in time says so and holds up no other. */
export async function probeAccounts(
  accounts: readonly ConfiguredAccount[],
  input: ProbeInput,
): Promise<Map<AccountStatus, ProbeResult>> {
  const rows = await Promise.all(
    accounts.map(async (one) => [input.statusOf(one), await probe(one, input)] as const),
  );
  return new Map(rows);
}

async function probe(
  { channel, account }: ConfiguredAccount,
  { clock, log, timeoutMs }: ProbeInput,
): Promise<ProbeResult> {
  const begunAt = clock.monotonic();
  const failed = (summary: string, fix?: string): ProbeResult => ({
    ok: false,
    summary,
    audit: [{ ok: false, text: summary, ...(fix !== undefined && { fix }) }],
    elapsedMs: Math.round(clock.monotonic() - begunAt),
  });
  if (account.missing) return failed(`not configured: ${account.missing.what}`, account.missing.fix);
  const abort = new AbortController();
  const late = Promise.withResolvers<ProbeResult>();
  using _timer = clock.after(timeoutMs, () => {
    late.resolve(failed(`no answer within ${timeoutMs} ms`));
    abort.abort(new Error("the probe took too long"));
  });
  try {
    return await Promise.race([channel.probe(account, { clock, log, signal: abort.signal }), late.promise]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
