import type { HealthSnapshot, PresenceEntry } from "./entities.ts";
import type { Scope } from "./scopes.ts";

/** The answer to a successful `connect` (protocol.md §6.1). */
export interface HelloOk {
  type: "hello-ok";
  protocol: number;
  server: {
    version: string;
    bootId: string;
    connId: string;
    /** "configured": a Control UI bundle must not force a reload on a version difference. */
    controlUiBuildSource: "configured";
  };
  features: { methods: string[]; events: string[]; capabilities: string[] };
  snapshot: {
    presence: PresenceEntry[];
    health: HealthSnapshot;
    stateVersion: { presence: number; health: number };
    uptimeMs: number;
    suspension: { phase: "accepting" };
    sessionDefaults: {
      defaultAgentId: string;
      modelConfigured: boolean;
      ownership: "sole";
      selectionRequired: false;
      mainKey: string;
      mainSessionKey: string;
      scope: string;
    };
    /** Only for holders of operator.admin. */
    configPath?: string;
    stateDir?: string;
    authMode?: string;
  };
  controlUiWidgetKinds: never[];
  /** Always present: its scopes decide what a probe reports as capability. */
  auth: {
    method: string;
    role: string;
    scopes: (Scope | (string & {}))[];
    /** Only when it is new; the client keeps it together with `scopes`. */
    deviceToken?: string;
    issuedAtMs?: number;
    /** Of further roles of the same device. */
    deviceTokens?: { deviceToken: string; role: string; scopes: string[]; issuedAtMs: number }[];
  };
  policy: {
    maxPayload: number;
    maxBufferedBytes: number;
    tickIntervalMs: number;
    attachments: { maxBytes: number; maxImageBytes: number };
    allowedSessionVisibilities: string[];
    hasMultipleSessionSharingIdentities: boolean;
  };
}
