import { coversAll, type Role } from "../../protocol/scopes.ts";
import { grantOf, type PairedDevice, type PairingReason } from "./records.ts";

/** What is known of a device that has proven its key and shown a credential that counts. */
export interface PairingFacts {
  role: Role;
  scopes: readonly string[];
  platform: string;
  deviceFamily: string;
  /** `device-token`: one that covers the scopes. `secret`: the shared one, an identity, or that none is needed. */
  credential: "secret" | "device-token";
  /** Straight from this machine, no proxy in between. */
  localDirect: boolean;
  known: PairedDevice | undefined;
  /** Whether one more device may be approved without its owner being asked. */
  silentRoom: boolean;
}

export type PairingDecision =
  /** Approved before, for all it asks. */
  | { kind: "known" }
  /** New, and approved because it is here and knows the secret. */
  | { kind: "pair-silently" }
  /** Known, asks for more, and gets it for the same reason. Its tokens stay good. */
  | { kind: "widen" }
  | { kind: "ask-owner"; reason: PairingReason };

/** Pure: protocol.md §5.4, with the differences of §14. */
export function decidePairing(facts: PairingFacts): PairingDecision {
  const { known, role, scopes, localDirect, credential } = facts;
  if (!known) return localDirect && facts.silentRoom ? { kind: "pair-silently" } : askOwner("not-paired");
  const grant = grantOf(known, role);
  // A revoked role is like one it never had: being here does not bring it back (AUTH-35).
  if (!grant || grant.revokedAtMs !== undefined) return askOwner("role-upgrade");
  if (hasChanged(known.platform, facts.platform) || hasChanged(known.deviceFamily, facts.deviceFamily))
    return askOwner("metadata-upgrade");
  if (credential === "device-token" || coversAll(new Set(grant.scopes), scopes)) return { kind: "known" };
  return localDirect ? { kind: "widen" } : askOwner("scope-upgrade");
}

function askOwner(reason: PairingReason): PairingDecision {
  return { kind: "ask-owner", reason };
}

/** What was not known then, or is not said now, is no change. */
function hasChanged(pinned: string, claimed: string): boolean {
  const [before, now] = [normalize(pinned), normalize(claimed)];
  return before !== "" && now !== "" && before !== now;
}

function normalize(text: string): string {
  return text.trim().toLowerCase();
}
