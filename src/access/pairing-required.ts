import { GatewayError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/limits.ts";
import { liveGrants, type PairedDevice, type PairingReason, type PairingRequest } from "./devices/records.ts";

const MESSAGES: Readonly<Record<PairingReason, string>> = {
  "not-paired": "pairing required: device is not approved yet",
  "role-upgrade": "pairing required: device is asking for a higher role than currently approved",
  "scope-upgrade": "pairing required: device is asking for more scopes than currently approved",
  "metadata-upgrade": "pairing required: device identity changed and must be re-approved",
};

/** The answer to a device that has to wait for its owner (protocol.md §5.4). A client may keep trying meanwhile. */
export function pairingRequired(request: PairingRequest, known: PairedDevice | undefined): GatewayError {
  const { requestId, reason, deviceId, role, scopes } = request;
  const live = known ? liveGrants(known) : [];
  return new GatewayError("NOT_PAIRED", MESSAGES[reason], {
    detail: "PAIRING_REQUIRED",
    details: {
      reason,
      requestId,
      deviceId,
      requestedRole: role,
      requestedScopes: scopes,
      ...(known && {
        approvedRoles: live.map((grant) => grant.role),
        approvedScopes: [...new Set(live.flatMap((grant) => grant.scopes))],
      }),
      remediationHint: `device not paired — approve this device to connect: openclaw devices approve ${requestId}`,
      recommendedNextStep: "wait_then_retry",
      pauseReconnect: false,
    },
    retryable: true,
  });
}

/** The reason of the close frame: the prose gives way where both do not fit, the id never does. */
export function pairingCloseReason({ message, extras }: GatewayError): string {
  const id = ` (requestId: ${extras.details?.requestId})`;
  const room = LIMITS.closeReasonBytes - id.length;
  return message.length <= room ? message + id : `${message.slice(0, room - 3)}...${id}`;
}
