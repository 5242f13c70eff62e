import { parsePairingCode } from "../../access/senders/pairing-code.ts";
import type { PairingList, PairingRequest } from "../../access/senders/pairing-list.ts";
import type { ResultOf } from "../../gateway/method.ts";
import type approveMethod from "../../gateway/methods/channels/pairing/approve.ts";
import { Fault } from "../../platform/fault.ts";
import type { CommandContext } from "../context.ts";
import { isGatewayDown } from "../gateway-down.ts";

export type Approved = ResultOf<typeof approveMethod>;

export interface PairingQuery {
  channel?: string;
  accountId?: string;
}

/** Where senders are approved: the running gateway, or the stored ones of this state folder while none runs. */
export interface SenderDesk extends Disposable {
  where: "gateway" | "store";
  list(query: PairingQuery): Promise<PairingList>;
  approve(request: PairingRequest, notify: boolean): Promise<Approved>;
  reject(request: PairingRequest): Promise<void>;
}

const CALL_MS = 15_000;

/** As for devices: the owner at this machine needs no paired connection to let somebody in. */
export async function openSenderDesk(context: CommandContext): Promise<SenderDesk> {
  if (await isGatewayDown(context)) {
    const { openStoredSenders } = await import("./stored-senders.ts");
    return await openStoredSenders(context);
  }
  const connection = await context.connect({ scopes: ["operator.admin", "operator.pairing"], byOwner: true });
  const call = <T>(method: string, params: unknown) =>
    connection.call<T>(method, params, { timeoutMs: CALL_MS });
  const key = ({ channel, accountId, requestId }: PairingRequest) => ({ channel, accountId, requestId });
  return {
    where: "gateway",
    list: (query) => call("channels.pairing.list", query),
    approve: (request, notify) =>
      call("channels.pairing.approve", { ...key(request), notify, bootstrapCommandOwner: true }),
    async reject(request) {
      await call("channels.pairing.dismiss", key(request));
    },
    [Symbol.dispose]() {},
  };
}

/** Who wrote this code down. Throws `Fault` (1). */
export function findRequest({ requests }: PairingList, channel: string, typed: string): PairingRequest {
  const code = parsePairingCode(typed);
  const found = requests.filter(({ requestId }) => requestId === code);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new Fault(`the code ${typed.slice(0, 20)} waits for several accounts: name one`, {
      why: `It waits for ${found.map(({ accountId }) => accountId).join(", ")}.`,
      fix: `openclaw pairing approve ${channel} ${code} --account ${found[0]!.accountId}`,
    });
  }
  throw new Fault(`No pending pairing request found for code: ${typed.slice(0, 20)}`, {
    why:
      requests.length === 0
        ? `nobody waits for ${channel}; a code holds for an hour, a new message of the person makes a new one`
        : `${requests.length} wait for ${channel} with other codes`,
    fix: `openclaw pairing list --channel ${channel}`,
  });
}
