import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { grantOf, type PairingRequest } from "../../access/devices/records.ts";
import { REQUEST_LIFETIME_MS } from "../../access/devices/requests.ts";
import { openDeviceStore } from "../../access/devices/store.ts";
import { findToken } from "../../access/devices/tokens.ts";
import { Fault } from "../../platform/fault.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation, Repair } from "../finding.ts";
import type { OwnDeviceView } from "../own-device-view.ts";

/** Who waits for the owner, and whether this machine's own commands still have a token that counts. */
export default defineCheck({
  id: "devices",
  summary: "no device waits for approval, and this machine's own token is known to the gateway",
  where: "anywhere",
  async inspect(facts) {
    const found = readStore(facts);
    return [...found.observations, ...(await ownToken(facts, found.own)), ...setAside(facts)];
  },
});

type Lookup = (own: OwnDeviceView) => "live" | "stale" | "unpaired";

function readStore({ paths, nowMs }: Facts): { observations: Observation[]; own: Lookup | undefined } {
  if (!existsSync(paths.devicesDb)) return { observations: [], own: () => "unpaired" };
  try {
    using store = openDeviceStore(paths.devicesDb, { readOnly: true });
    const waiting = store.requests().filter(({ askedAtMs }) => askedAtMs + REQUEST_LIFETIME_MS > nowMs);
    return { observations: observeWaiting(waiting), own: (view) => lookUp(view, paths.devicesDb) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { message, why, fix } = error;
    return {
      observations: [{ id: "devices-unreadable", title: message, evidence: [paths.devicesDb], why, fix }],
      own: undefined,
    };
  }
}

function lookUp({ deviceId, token }: OwnDeviceView, path: string): ReturnType<Lookup> {
  using store = openDeviceStore(path, { readOnly: true });
  const grant = grantOf(store.find(deviceId), "operator");
  if (!grant || grant.revokedAtMs !== undefined) return "unpaired";
  return findToken({ store }, { deviceId, role: "operator", token }) ? "live" : "stale";
}

function observeWaiting(waiting: readonly PairingRequest[]): Observation[] {
  const groups: [id: string, requests: PairingRequest[]][] = [
    ["pairing-required", waiting.filter(({ reason }) => reason === "not-paired")],
    ["pairing-upgrade", waiting.filter(({ reason }) => reason !== "not-paired")],
  ];
  return groups.flatMap(([id, requests]): Observation[] => {
    const newest = requests.at(-1);
    if (!newest) return [];
    return [
      {
        id,
        evidence: requests.map(
          ({ deviceId, displayName, clientId, remoteIp, roles, scopes, reason, requestId }) =>
            `device ${deviceId} (${displayName ?? clientId}, ${remoteIp}) wants ${[...roles, ...scopes].join(", ")}: ${reason}, request ${requestId}`,
        ),
        fix: `openclaw devices approve ${newest.requestId}`,
      },
    ];
  });
}

async function ownToken({ ownDevice, gateway }: Facts, lookup: Lookup | undefined): Promise<Observation[]> {
  const own = await ownDevice?.();
  if (!own || !lookup) return [];
  const state = own.local ? lookup(own) : await refusedElsewhere(gateway);
  if (state === "live") return [];
  return [
    {
      id: "device-token-mismatch",
      title: "openclaw gateway device token mismatch",
      evidence: [
        `${own.file} keeps a token for ${own.origin} that the gateway does not know`,
        `this machine is device ${own.deviceId}`,
      ],
      fix: own.local ? "openclaw doctor --fix && openclaw restart" : "openclaw doctor --fix",
      repair: repairOf(own, state),
    },
  ];
}

async function refusedElsewhere(gateway: Facts["gateway"]): Promise<"live" | "unpaired"> {
  const { reach, reason = "" } = await gateway();
  return reach === "refused" && reason.includes("device token mismatch") ? "unpaired" : "live";
}

/** Never more than was approved: a device that was removed or revoked has to ask its owner again. */
function repairOf(own: OwnDeviceView, state: "stale" | "unpaired"): Repair {
  const { file: path } = own;
  if (state === "stale") {
    return {
      does: "get a new token for this machine, for the rights it has",
      level: "safe",
      changes: [{ kind: "own-token", path, does: "renew", make: () => own.renew() }],
    };
  }
  return {
    does: "throw this machine's old token away",
    level: "safe",
    changes: [{ kind: "own-token", path, does: "forget", make: async () => own.forget() }],
  };
}

/** Good to know: everybody has to be paired again. */
function setAside({ paths }: Facts): Observation[] {
  const { devicesDb } = paths;
  const kept = listFolder(dirname(devicesDb)).filter((name) =>
    new RegExp(`^${basename(devicesDb)}\\.damaged\\.\\d+$`).test(name),
  );
  if (kept.length === 0) return [];
  return [{ id: "devices-set-aside", evidence: kept.map((name) => `${dirname(devicesDb)}/${name}`) }];
}

function listFolder(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
